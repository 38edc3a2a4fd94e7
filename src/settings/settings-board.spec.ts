import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { Generation, type Release } from '../kernel/index.js';
import { type ManifestFields } from '../manifest/index.js';
import { Module, SecretKeys } from '../persistence/index.js';
import { reviseSettings } from './revise-settings.js';
import { SettingsBoard } from './settings-board.js';
import { SettingsRecords } from './settings-records.js';

const FIELDS: ManifestFields = { days: { type: 'number', default: 1 }, token: { type: 'password' } };
const NOBODY = { by: 'admin', requestId: null, address: null };

describe('SettingsBoard', () => {
  let test: TestDatabase;
  let records: SettingsRecords;
  let board: SettingsBoard;
  const secrets = new SecretRegistry();
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'error' }, { write: (line) => void lines.push(JSON.parse(line) as never) });

  beforeAll(async () => {
    test = await openTestDatabase();
    records = new SettingsRecords(test.dataSource);
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.dataSource.query('TRUNCATE nestdock.module_settings, nestdock.module_settings_change');
    await test.dataSource.manager.upsert(Module, { name: 'hello', path: '/hello' }, ['name']);
    board = new SettingsBoard(records, secrets, new SecretKeys(['a-key']), logger);
    lines.splice(0);
  });

  function generation(fields = FIELDS): Generation {
    const manifest = {
      name: 'hello',
      version: '1.0.0',
      displayName: '',
      description: '',
      author: '',
      settings: fields,
    };
    return new Generation({ name: 'hello', version: '1.0.0', manifest } as unknown as Release, 1);
  }

  const change = (sent: Record<string, unknown>, fields = FIELDS) =>
    records.revise('hello', NOBODY, ({ values }) =>
      reviseSettings({ fields, kept: values, sent, box: board.boxOf('hello'), enabled: false }),
    );

  it('gives a generation what is kept, and brings it up to date until it is detached', async () => {
    await change({ days: 2 });
    const { live, detach } = await board.attach(generation());
    expect(live.values).toEqual({ days: 2 });
    await change({ days: 3, token: 'hunter2' });
    expect(live.values).toEqual({ days: 2 });
    await board.refresh(['hello']);
    expect(live.values).toEqual({ days: 3, token: 'hunter2' });
    expect(secrets.redact('is hunter2')).toBe('is [redacted]');
    detach();
    expect(board.modules).toEqual([]);
    await change({ days: 4 });
    await board.refresh();
    expect(live.values).toEqual({ days: 3, token: 'hunter2' });
  });

  it('serves two generations side by side, each by its own fields', async () => {
    const older = await board.attach(generation());
    const newer = await board.attach(
      generation({ days: { type: 'number' }, more: { type: 'boolean', default: true } }),
    );
    await change({ days: 5, token: 'hunter2' });
    await board.refresh();
    expect(older.live.values).toEqual({ days: 5, token: 'hunter2' });
    expect(newer.live.values).toEqual({ days: 5, more: true });
    older.detach();
    expect(board.modules).toEqual(['hello']);
    newer.detach();
  });

  it('tells of a change once, however many look at once, and all of them wait until it was told', async () => {
    const { live } = await board.attach(generation());
    const told: unknown[] = [];
    live.onChange(async (_values, changed) => {
      await new Promise(setImmediate);
      told.push(changed);
    });
    await change({ days: 6 });
    await Promise.all([1, 2, 3].map(() => board.refresh().then(() => expect(told).toEqual([['days']]))));
  });

  it('leaves a field as it was where what is kept does not fit it', async () => {
    const { live } = await board.attach(generation());
    await change({ days: 7 });
    await board.refresh();
    await change({ days: 'many' }, { days: { type: 'string' } });
    await board.refresh();
    expect(live.values).toEqual({ days: 7 });
    expect(lines).toMatchObject([{ module: 'hello', field: '/days' }]);
  });

  it('logs what the module fails with, and tells the others', async () => {
    const { live } = await board.attach(generation());
    const told: unknown[] = [];
    live.onChange(() => {
      throw new Error('it did not like them');
    });
    live.onChange((values) => void told.push(values['days']));
    await change({ days: 8 });
    await board.refresh();
    expect(told).toEqual([8]);
    expect(lines).toMatchObject([{ module: 'hello', err: { message: 'it did not like them' } }]);
  });

  it('refuses a generation that lacks what it needs, and forgets it', async () => {
    const needing = generation({ name: { type: 'string', required: true } });
    await expect(board.attach(needing)).rejects.toMatchObject({ code: 'SETTINGS_INCOMPLETE' });
    expect(board.modules).toEqual([]);
  });
});

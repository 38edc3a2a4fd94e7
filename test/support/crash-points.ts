import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { KillableHost } from './checkpoints.js';
import { type TestPlace } from './database.js';
import { eventually } from './eventually.js';

interface ModuleAnswer {
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly state: string;
  readonly error: unknown;
}

interface Operation {
  readonly name: string;
  /** Whose steps the host is killed at. */
  readonly modules: readonly string[];
  /** Pattern of those steps; all where missing: steps that are the same elsewhere are left to that operation. */
  readonly steps?: string;
  /** Puts everything into the state that the operation begins in. */
  readonly prepare: (round: number) => Promise<unknown>;
  readonly operate: (round: number) => Promise<unknown>;
  /** Looked at after the restart, beside what always holds. */
  readonly check?: (round: number) => Promise<void>;
}

interface NextMigration {
  readonly what: string;
  readonly up: string;
  readonly down: string;
}

const addColumn = (round: number): NextMigration => ({
  what: 'add_column',
  up: `ALTER TABLE entry ADD COLUMN c${round} integer;\n`,
  down: `ALTER TABLE entry DROP COLUMN c${round};\n`,
});

/** Runs outside a transaction. */
const addIndex = (round: number): NextMigration => ({
  what: 'add_index',
  up: `-- nestdock: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i${round} ON entry (text);\n`,
  down: `DROP INDEX i${round};\n`,
});

/** Steps as the document names them: in the first column of its table. */
const DESCRIBED_STEP = /`([a-z]+(?::[a-z]+)?)`/g;
const DOCUMENT = join(import.meta.dirname, '../../docs/architecture.md');
const LEDGER = '/modules/ledger';

/**
 * Kills a host at every checkpoint that each operation passes, one after another, starts it again, and looks whether
 * what is there is consistent, whether all data is there, and whether the operation can be done after all.
 */
export function crashPointTests(makeDatabase?: () => Promise<TestPlace>): void {
  const seen = new Set<string>();
  let database: TestPlace | undefined;
  let killable: KillableHost;
  let entries: string[] = [];
  let migrations: string[] = [];

  const admin = <T = Record<string, unknown>>(method: string, path: string, body?: object) =>
    killable.host.admin<T>(method, path, body);
  const ok = async <T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await admin<T>(method, path, body);
    expect([method, path, answer.status < 300 ? 'done' : answer]).toEqual([method, path, 'done']);
    return answer.body;
  };
  const request = async <T>(path: string, body?: object): Promise<{ status: number; body: T }> => {
    const response = await fetch(`${killable.host.url}/api/v1/m/ledger${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const items = async <T>(path: string): Promise<T[]> => (await ok<{ items: T[] }>('GET', path)).items;
  const modules = async () => new Map((await items<ModuleAnswer>('/modules')).map((module) => [module.name, module]));
  const isEnabled = async () => (await modules()).get('ledger')?.status === 'ENABLED';
  const listMigrations = () => items<{ name: string; status: string }>(`${LEDGER}/migrations`);
  const listEntries = async () =>
    (await request<{ items: string[]; settings: Record<string, unknown> }>('/entries')).body;
  const file = (path: string) => join(killable.host.modulesDir, 'ledger', path);

  /** A migration that ran outside a transaction is an operator's to look at; this one may simply run again. */
  async function resolveInterrupted(): Promise<void> {
    for (const { name, status } of await listMigrations()) {
      if (status === 'interrupted')
        await ok('POST', `${LEDGER}/migrations/resolve`, { migration: name, as: 'pending' });
    }
  }

  async function enable(): Promise<void> {
    await ok('POST', '/modules/scan');
    if (!(await isEnabled())) await resolveInterrupted();
    await ok('POST', `${LEDGER}/enable`);
  }

  async function disable(): Promise<void> {
    if (await isEnabled()) await ok('POST', '/modules/ledger-base/disable?cascade=true');
  }

  /** The module's next version, with a migration more. */
  async function writeVersion(round: number, { up, down, what }: NextMigration): Promise<void> {
    const name = `${100 + migrations.length}_${what}_${round}`;
    await writeFile(file(`src/migrations/${name}.sql`), up);
    await writeFile(file(`src/migrations/${name}.down.sql`), down);
    const manifest = JSON.parse(await readFile(file('manifest.json'), 'utf8')) as object;
    await writeFile(file('manifest.json'), JSON.stringify({ ...manifest, version: `1.${migrations.length}.${round}` }));
    migrations.push(name);
  }

  async function assertConsistent(): Promise<void> {
    const known = await modules();
    const ledger = known.get('ledger');
    for (const { name, status, state, error } of known.values()) {
      expect([name, status, state, error]).toEqual([name, status, status === 'ENABLED' ? 'active' : 'idle', error]);
      if (status === 'ENABLED') expect([name, error]).toEqual([name, null]);
    }
    if (ledger?.status === 'ENABLED') expect(known.get('ledger-base')?.status).toBe('ENABLED');
    expect((await request('/entries')).status).toBe(ledger?.status === 'ENABLED' ? 200 : 404);
    const jobs = await items<{ enabled: boolean }>('/jobs?module=ledger');
    for (const { enabled } of jobs) expect(enabled).toBe(ledger?.status === 'ENABLED');
    const base = await items<{ enabled: boolean }>('/jobs?module=ledger-base');
    expect(base).toEqual([]);
  }

  /** Once it is enabled: the tables are what the migrations that are done make of them, and every entry is there. */
  async function assertWhole(): Promise<void> {
    await assertConsistent();
    const done = await listMigrations();
    expect(done.filter(({ status }) => status !== 'done')).toEqual([]);
    const added = done
      .flatMap(({ name }) => /add_(column)_(\d+)/.exec(name)?.[2] ?? [])
      .map((number) => `entry.c${number}`);
    const { body } = await request<{ items: string[] }>('/columns');
    expect(body.items.sort()).toEqual(['entry.id', 'entry.text', ...added].sort());
    expect((await listEntries()).items).toEqual(entries);
    const text = `entry ${entries.length}`;
    expect((await request('/entries', { text })).status).toBe(201);
    entries.push(text);
  }

  beforeAll(async () => {
    database = await makeDatabase?.();
  });
  afterAll(async () => {
    await database?.remove();
    expect([...seen].sort()).toEqual((await describedSteps()).sort());
  });
  beforeEach(async () => {
    [entries, migrations] = [[], []];
    killable = await KillableHost.start({ modules: ['ledger', 'ledger-base'], env: database?.env ?? {} });
    await enable();
    await assertWhole();
  });
  afterEach(async () => {
    await disable();
    await ok('DELETE', `${LEDGER}?purge=true&confirm=ledger`);
    await killable.dispose();
  });

  const currency = (round: number) => ({ currency: `C${round}`, key: `a-secret-key-${round}` });
  const OPERATIONS: readonly Operation[] = [
    {
      name: 'enable, with what it needs and migrations',
      modules: ['ledger'],
      prepare: async (round) => {
        await disable();
        await writeVersion(round, addColumn(round));
      },
      operate: () => admin('POST', `${LEDGER}/enable`),
    },
    {
      name: 'enable, with a migration outside a transaction',
      modules: ['ledger'],
      steps: '^migration',
      prepare: async (round) => {
        await disable();
        await writeVersion(round, addIndex(round));
      },
      operate: () => admin('POST', `${LEDGER}/enable`),
    },
    {
      name: 'reload, with a migration',
      modules: ['ledger'],
      steps: '^(migration|enable|served|drained|unloaded)',
      prepare: (round) => writeVersion(round, addColumn(round)),
      operate: () => admin('POST', `${LEDGER}/reload`),
      check: async () => expect(await isEnabled()).toBe(true),
    },
    {
      name: 'disable, with what needs it',
      modules: ['ledger', 'ledger-base'],
      steps: '^(disable|unloaded)',
      prepare: async () => undefined,
      operate: () => admin('POST', '/modules/ledger-base/disable?cascade=true'),
      check: async () => {
        const statuses = [...(await modules()).values()].map(({ status }) => status);
        expect(new Set(statuses).size).toBe(1);
      },
    },
    {
      name: 'change settings',
      modules: ['ledger'],
      prepare: (round) => ok('PUT', `${LEDGER}/settings`, currency(-round)),
      operate: (round) => admin('PUT', `${LEDGER}/settings`, currency(round)),
      check: async (round) => {
        const { settings } = await listEntries();
        expect([currency(-round), currency(round)]).toContainEqual(settings);
        const { items: history } = await ok<{ items: { changes: unknown[] }[] }>('GET', `${LEDGER}/settings/history`);
        const { values } = await ok<{ values: { currency: string } }>('GET', `${LEDGER}/settings`);
        expect(values.currency).toBe(settings['currency']);
        expect(JSON.stringify(history[0])).toContain(String(settings['currency']));
      },
    },
    {
      name: 'roll a migration back',
      modules: ['ledger'],
      steps: '^migration',
      prepare: async (round) => {
        await writeVersion(round, addColumn(round));
        await ok('POST', `${LEDGER}/reload`);
        await disable();
      },
      operate: () => admin('POST', `${LEDGER}/migrations/rollback`, { to: migrations.at(-2) ?? '002_index_entries' }),
    },
    {
      name: 'remove, keeping the data',
      modules: ['ledger'],
      prepare: () => disable(),
      operate: () => admin('DELETE', LEDGER),
    },
    {
      name: 'remove for good',
      modules: ['ledger'],
      prepare: () => disable(),
      operate: () => admin('DELETE', `${LEDGER}?purge=true&confirm=ledger`),
      check: async () => {
        // All of it, or nothing: the folder is found anew at the start.
        if ((await modules()).get('ledger')?.status === 'DISABLED') return;
        entries = [];
        expect(await items('/jobs?module=ledger')).toEqual([]);
      },
    },
  ];

  it.each(OPERATIONS)(
    '$name',
    async ({ modules: killedAt, steps = '', prepare, operate, check }) => {
      for (let round = 1; ; round++) {
        await prepare(round);
        const point = await killable.killAt({ number: round, modules: killedAt, steps }, () => operate(round));
        await eventually(assertConsistent);
        await check?.(round);
        await enable();
        // Hosts that share a database serve what was enabled: what was cut short before that is asked for again.
        if (makeDatabase && (await listMigrations()).some(({ status }) => status !== 'done')) {
          await ok('POST', `${LEDGER}/reload`);
        }
        await assertWhole();
        if (point === undefined) break;
        seen.add(point.split(' ')[1] as string);
      }
    },
    300_000,
  );
}

async function describedSteps(): Promise<string[]> {
  const document = await readFile(DOCUMENT, 'utf8');
  const [, section = ''] = document.split('## Where an operation may be cut short');
  const [table = ''] = section.split('\n## ');
  const cells = table.split('\n').flatMap((line) => (/^\| +`/.test(line) ? (line.split('|')[1] ?? '') : []));
  return cells.flatMap((cell) => [...cell.matchAll(DESCRIBED_STEP)].map(([, step]) => step as string));
}

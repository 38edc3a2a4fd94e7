import { describe, expect, it } from '@jest/globals';
import { type ReleaseMigration } from '../kernel/index.js';
import { type AppliedMigration, compareHistory } from './history.js';

const migration = (name: string, checksum = name): ReleaseMigration => ({
  name,
  checksum,
  file: `db/${name}.sql`,
  kind: 'sql',
  up: { text: '', transactional: true },
});

const row = (name: string, version = '1.0.0', changes: Partial<AppliedMigration> = {}): AppliedMigration => ({
  name,
  checksum: name,
  version,
  status: 'done',
  reversible: null,
  appliedAt: new Date(0),
  durationMs: 1,
  host: 'a',
  ...changes,
});

const compare = (names: string[], rows: AppliedMigration[], version = '1.0.0', fallsBack = false) => {
  const history = compareHistory({ migrations: names.map((name) => migration(name)), version }, rows, fallsBack);
  return [
    history.pending.map(({ name }) => name),
    history.ahead.map(({ name }) => name),
    history.problems.map(({ code, migration: name }) => `${code} ${name}`),
  ];
};

describe('compareHistory', () => {
  it('has everything pending at first, and nothing once all is applied', () => {
    expect(compare(['001_a', '002_b'], [])).toEqual([['001_a', '002_b'], [], []]);
    expect(compare(['001_a', '002_b'], [row('002_b'), row('001_a')])).toEqual([[], [], []]);
    expect(compare([], [])).toEqual([[], [], []]);
  });

  it('goes by numbers, not by letters', () => {
    expect(compare(['0999_a', '1000_b'], [row('0999_a')])).toEqual([['1000_b'], [], []]);
    expect(compare(['999_a', '1000_b'], [row('999_a')])).toEqual([['1000_b'], [], []]);
  });

  it('names each that has changed, is missing or is out of order', () => {
    const rows = [row('001_a', '1.0.0', { checksum: 'other' }), row('003_c'), row('005_e')];
    expect(compare(['001_a', '002_b', '004_d', '005_e', '006_f'], rows)).toEqual([
      ['002_b', '004_d', '006_f'],
      [],
      [
        'MIGRATION_CHANGED 001_a',
        'MIGRATION_OUT_OF_ORDER 002_b',
        'MIGRATION_MISSING 003_c',
        'MIGRATION_OUT_OF_ORDER 004_d',
      ],
    ]);
  });

  it('lets an older release meet what later versions have added after it', () => {
    const rows = [row('001_a'), row('002_b', '1.1.0'), row('003_c', '2.0.0')];
    expect(compare(['001_a'], rows)).toEqual([[], ['002_b', '003_c'], []]);
    expect(compare([], rows, '0.9.0')).toEqual([[], ['001_a', '002_b', '003_c'], []]);
    expect(compare(['001_a'], rows, '1.0.0-rc.1')).toEqual([[], ['002_b', '003_c'], []]);
    expect(compare(['001_a'], rows, '1.1.0')).toEqual([[], ['003_c'], ['MIGRATION_MISSING 002_b']]);
    expect(compare(['001_a', '004_d'], rows, '1.0.1')[2]).toEqual([
      'MIGRATION_MISSING 002_b',
      'MIGRATION_MISSING 003_c',
    ]);
  });

  it('lets a release that falls back meet what its own version has added', () => {
    expect(compare(['001_a'], [row('001_a'), row('002_b')])[2]).toEqual(['MIGRATION_MISSING 002_b']);
    expect(compare(['001_a'], [row('001_a'), row('002_b')], '1.0.0', true)).toEqual([[], ['002_b'], []]);
    expect(compare(['002_b'], [row('001_a'), row('002_b')], '1.0.0', true)[2]).toEqual(['MIGRATION_MISSING 001_a']);
  });

  it('refuses what was interrupted, known or not', () => {
    const rows = [
      row('001_a', '1.0.0', { status: 'applying', checksum: 'other' }),
      row('002_b', '2.0.0', { status: 'reverting' }),
    ];
    expect(compare(['001_a'], rows)).toEqual([[], [], ['MIGRATION_INTERRUPTED 001_a', 'MIGRATION_INTERRUPTED 002_b']]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Generation, type Release } from '../kernel/index.js';
import { LoadJournal } from './load-journal.js';

const release = (name: string, digest = 'first'): Release => ({
  name,
  version: '1.0.0',
  folder: `/modules/${name}`,
  digest,
  migrations: [],
  bundle: { hash: '', code: '', map: '{}', externals: [] },
  manifest: { name, version: '1.0.0', displayName: name, description: '', author: '' },
});

describe('LoadJournal', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'nestdock-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  /** As the next host has it, on the same folder. */
  const open = (): LoadJournal => {
    const journal = new LoadJournal({ dataDir });
    journal.open();
    return journal;
  };
  const dieWhileLoading = (journal: LoadJournal, digest?: string) =>
    void journal.begin(new Generation(release('meter', digest), 1));
  const convicts = (journal: LoadJournal, digest?: string): boolean => {
    try {
      journal.assertInnocent(release('meter', digest));
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'MODULE_KILLED_HOST' });
      return true;
    }
  };

  it('forgets a load that has ended, however it has', () => {
    const ended = open().begin(new Generation(release('meter'), 1));
    ended();
    expect(readdirSync(join(dataDir, 'loading'))).toEqual([]);
    expect(open().hasSuspects).toBe(false);
  });

  it('suspects a release after one death, and convicts it after two', () => {
    dieWhileLoading(open());
    const second = open();
    expect([second.hasSuspects, convicts(second)]).toEqual([true, false]);
    dieWhileLoading(second);
    const third = open();
    expect([convicts(third), convicts(third, 'corrected')]).toEqual([true, false]);
  });

  it('counts no death while something else was loaded, and none of a host that was told to stop', () => {
    dieWhileLoading(open());
    open();
    expect(convicts(open())).toBe(false);
    const stopped = open();
    dieWhileLoading(stopped);
    stopped.beforeApplicationShutdown();
    expect(convicts(open())).toBe(false);
  });

  it('lets off whom an operator lets back, and whoever loads well', () => {
    for (let deaths = 0; deaths < 2; deaths++) dieWhileLoading(open());
    const journal = open();
    expect(convicts(journal)).toBe(true);
    journal.forget('meter');
    expect([convicts(journal), convicts(open())]).toEqual([false, false]);
  });

  it('has nothing to say of a module in a process of its own, nor of a file that was cut short', () => {
    const terms = { isolation: 'process', permissions: { asked: [], granted: [] } } as const;
    open().begin(new Generation(release('meter'), 1, terms));
    writeFileSync(join(dataDir, 'loading', 'half.json'), '{"module":"ha');
    expect(open().hasSuspects).toBe(false);
    expect(readdirSync(join(dataDir, 'loading'))).toEqual([]);
  });
});

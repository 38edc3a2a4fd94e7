import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Capability } from './capability.js';
import { Generation } from './generation.js';
import { type Release } from './release.js';
import { attachGeneration } from './loaded-generation.js';

const release: Release = {
  name: 'meter',
  version: '1.0.0',
  folder: '/modules/meter',
  digest: '',
  migrations: [],
  bundle: { hash: '', code: '', map: '{}', externals: [] },
  manifest: { name: 'meter', version: '1.0.0', displayName: 'Meter', description: '', author: '' },
};

/** Takes some milliseconds to attach. */
const slow = (name: string, ms: number, attachTimeoutMs?: number): Capability => ({
  name,
  ...(attachTimeoutMs !== undefined && { attachTimeoutMs }),
  attach: async ({ expired }) => {
    await sleep(ms, undefined, { signal: expired });
    return () => undefined;
  },
});

const attach = (capabilities: readonly Capability[], late: unknown[] = []) =>
  attachGeneration(new Generation(release, 1), capabilities, { loadTimeoutMs: 1_000, drainTimeoutMs: 1_000 }, (error) =>
    late.push(error),
  );

describe('attachGeneration', () => {
  it('gives a capability its own time, and takes none of it from the others', async () => {
    await attach([slow('a', 1), slow('b', 1_200, 10_000), slow('c', 1)]);
  });

  it('holds the others to the time that they share', async () => {
    const late: unknown[] = [];
    const failure = attach([slow('a', 1), slow('b', 1, 10_000), slow('c', 20_000)], late);
    await expect(failure).rejects.toMatchObject({ code: 'LOAD_TIMEOUT', extensions: { step: 'c' } });
    expect(late).toMatchObject([{ name: 'AbortError' }]);
  });

  it('holds a capability to its own time', async () => {
    const failure = attach([slow('a', 20_000, 20)]);
    await expect(failure).rejects.toMatchObject({ code: 'LOAD_TIMEOUT', extensions: { step: 'a' } });
    await expect(failure).rejects.toThrow('took over 20 ms');
  });
});

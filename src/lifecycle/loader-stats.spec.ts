import { describe, expect, it } from '@jest/globals';
import { type Generation, type Release } from '../kernel/index.js';
import { loaderStats } from './loader-stats.js';
import { ModuleLifecycle } from './module-lifecycle.js';

const release: Release = {
  name: 'meter',
  version: '1.0.0',
  folder: '/modules/meter',
  digest: 'd',
  migrations: [],
  bundle: { hash: 'b', code: '', map: '{}', externals: [] },
  manifest: {
    name: 'meter',
    version: '1.0.0',
    displayName: 'Meter',
    description: '',
    author: '',
    jobs: { read: { handler: './read.ts' } },
  },
};

const twoRoutes = {
  name: 'routes',
  attach(generation: Generation) {
    const route = { method: 'GET', path: '/a', handler: () => null, source: 'test' } as const;
    const plugin = { listener: () => undefined, routes: [{ method: 'GET', path: '/b' }] };
    generation.provide('requests', { routes: [route], plugin });
    return () => undefined;
  },
};

describe('the stats of a host', () => {
  it('count requests and runs of a generation that drains as well as of the one that serves', async () => {
    const lifecycle = new ModuleLifecycle('meter', {
      capabilities: [twoRoutes],
      deadlines: { loadTimeoutMs: 1_000, drainTimeoutMs: 1_000 },
      onChange: () => undefined,
      onLateFailure: (_module, error) => {
        throw error;
      },
    });
    const prepare = () =>
      Promise.resolve({ release, terms: { isolation: 'inline', permissions: { asked: [], granted: [] } } as const });
    const commit = () => Promise.resolve();
    const first = await lifecycle.load(prepare, commit, 'idle');
    first.inFlight.beginRequest();
    first.inFlight.beginRun();
    const second = await lifecycle.replace(prepare, commit);
    second.inFlight.beginRequest();
    const serving = { modules: 1, states: { active: 1 }, routes: 2, jobs: 1 };
    expect(loaderStats([lifecycle])).toEqual({ ...serving, generations: 2, requestsInFlight: 2, runsInFlight: 1 });

    first.inFlight.endRequest();
    first.inFlight.endRun();
    second.inFlight.endRequest();
    await lifecycle.unload();
    expect(loaderStats([lifecycle])).toEqual({
      modules: 0,
      states: { idle: 1 },
      routes: 0,
      jobs: 0,
      generations: 0,
      requestsInFlight: 0,
      runsInFlight: 0,
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Capability, type Generation, type Release, TrialShare } from '../kernel/index.js';
import { type StateChange, ModuleLifecycle } from './module-lifecycle.js';

const release = (version: string): Release => ({
  name: 'meter',
  version,
  folder: '/modules/meter',
  digest: version,
  migrations: [],
  bundle: { hash: version, code: '', map: '{}', externals: [] },
  manifest: { name: 'meter', version, displayName: 'Meter', description: '', author: '' },
});

const terms = { isolation: 'inline', permissions: { asked: [], granted: [] } } as const;
const prepare = (version: string) => () => Promise.resolve({ release: release(version), terms });
const commit = () => Promise.resolve();

/** A capability that writes down what happens to it, as `name:what version`. */
class Recorder implements Capability {
  failing: string | undefined;
  refusing: string | undefined;
  hanging: string | undefined;
  release: (() => void) | undefined;
  undoing: (() => Promise<void>) | undefined;

  constructor(
    readonly name: string,
    private readonly log: string[],
  ) {}

  async attach({ release: { version } }: Generation) {
    this.log.push(`${this.name}:attach ${version}`);
    if (this.failing === version) throw new Error(`${this.name} fails`);
    if (this.hanging === version) await new Promise<void>((resolve) => (this.release = resolve));
    return () => {
      this.log.push(`${this.name}:undo ${version}`);
      return this.undoing?.();
    };
  }

  serve({ release: { version } }: Generation) {
    this.log.push(`${this.name}:serve ${version}`);
    return () => void this.log.push(`${this.name}:stop ${version}`);
  }

  tryOut({ release: { version } }: Generation) {
    this.log.push(`${this.name}:try ${version}`);
    if (this.refusing === version) throw new Error(`${this.name} refuses`);
    return () => void this.log.push(`${this.name}:withdraw ${version}`);
  }
}

function setUp({ loadTimeoutMs = 1_000, drainTimeoutMs = 1_000 } = {}) {
  const log: string[] = [];
  const late: unknown[] = [];
  const first = new Recorder('a', log);
  const second = new Recorder('b', log);
  const lifecycle = new ModuleLifecycle('meter', {
    capabilities: [first, second],
    deadlines: { loadTimeoutMs, drainTimeoutMs },
    onChange: ({ from, to }: StateChange) => log.push(`${from} > ${to}`),
    onLateFailure: (_module, error) => late.push(error),
  });
  return { lifecycle, log, late, first, second };
}

describe('loading', () => {
  it('attaches in order, commits, then serves', async () => {
    const { lifecycle, log } = setUp();
    await lifecycle.load(prepare('1.0.0'), async () => void log.push('commit'), 'idle');
    expect(log).toEqual([
      'idle > loading',
      'a:attach 1.0.0',
      'b:attach 1.0.0',
      'commit',
      'a:serve 1.0.0',
      'b:serve 1.0.0',
      'loading > active',
    ]);
    expect(lifecycle.serving?.id).toBe('meter@1');
    expect(lifecycle.generations).toHaveLength(1);
  });

  it.each(['idle', 'failed'] as const)(
    'takes back what was attached where a capability fails, and is %s',
    async (otherwise) => {
      const { lifecycle, log, second } = setUp();
      second.failing = '1.0.0';
      await expect(lifecycle.load(prepare('1.0.0'), commit, otherwise)).rejects.toThrow('b fails');
      expect(log.slice(-2)).toEqual(['a:undo 1.0.0', `loading > ${otherwise}`]);
      expect(log).not.toContain('b:undo 1.0.0');
      expect(lifecycle.serving).toBeUndefined();
      expect(lifecycle.generations).toHaveLength(0);
    },
  );

  it('never serves what could not be committed', async () => {
    const { lifecycle, log } = setUp();
    const failing = () => Promise.reject(new Error('database is gone'));
    await expect(lifecycle.load(prepare('1.0.0'), failing, 'idle')).rejects.toThrow('database is gone');
    expect(log).toEqual([
      'idle > loading',
      'a:attach 1.0.0',
      'b:attach 1.0.0',
      'b:undo 1.0.0',
      'a:undo 1.0.0',
      'loading > idle',
    ]);
  });

  it('gives up at the deadline, names the step, and takes back what ends too late', async () => {
    const { lifecycle, log, second, late } = setUp({ loadTimeoutMs: 20 });
    second.hanging = '1.0.0';
    await expect(lifecycle.load(prepare('1.0.0'), commit, 'idle')).rejects.toMatchObject({
      code: 'LOAD_TIMEOUT',
      extensions: { step: 'b' },
    });
    expect(log).not.toContain('b:undo 1.0.0');
    second.release?.();
    await new Promise(setImmediate);
    expect(log).toContain('b:undo 1.0.0');
    expect(late).toEqual([]);
  });

  it('refuses to load twice', async () => {
    const { lifecycle } = setUp();
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    await expect(lifecycle.load(prepare('1.0.1'), commit, 'idle')).rejects.toMatchObject({
      code: 'ILLEGAL_TRANSITION',
    });
  });
});

describe('replacing', () => {
  it('serves the new generation before the old one stops, and takes the old one back', async () => {
    const { lifecycle, log } = setUp();
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    log.length = 0;
    const generation = await lifecycle.replace(prepare('2.0.0'), commit);
    expect(generation.id).toBe('meter@2');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log).toEqual([
      'a:attach 2.0.0',
      'b:attach 2.0.0',
      'a:serve 2.0.0',
      'b:serve 2.0.0',
      'b:stop 1.0.0',
      'a:stop 1.0.0',
      'b:undo 1.0.0',
      'a:undo 1.0.0',
    ]);
    expect(lifecycle.generations).toHaveLength(1);
  });

  it('answers while the old generation still drains', async () => {
    const { lifecycle, log } = setUp();
    const old = await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    old.inFlight.beginRequest();
    await lifecycle.replace(prepare('2.0.0'), commit);
    expect(lifecycle.generations).toHaveLength(2);
    expect(log).not.toContain('a:undo 1.0.0');
    old.inFlight.endRequest();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log).toContain('a:undo 1.0.0');
    expect(lifecycle.generations).toHaveLength(1);
  });

  it('leaves the old generation serving where the new one fails', async () => {
    const { lifecycle, log, second } = setUp();
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    second.failing = '2.0.0';
    await expect(lifecycle.replace(prepare('2.0.0'), commit)).rejects.toThrow('b fails');
    expect(lifecycle.serving?.release.version).toBe('1.0.0');
    expect(lifecycle.state).toBe('active');
    expect(log).not.toContain('a:stop 1.0.0');
  });
});

describe('restarting', () => {
  it('drains the old generation before the new one is attached', async () => {
    const { lifecycle, log } = setUp();
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    await lifecycle.restart(prepare('2.0.0'), commit);
    expect(log.indexOf('a:undo 1.0.0')).toBeLessThan(log.indexOf('a:attach 2.0.0'));
    expect(lifecycle.serving?.release.version).toBe('2.0.0');
  });

  it('tells that it will be back while it drains', async () => {
    const { lifecycle } = setUp();
    const old = await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    old.inFlight.beginRequest();
    const restarting = lifecycle.restart(prepare('2.0.0'), commit);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([lifecycle.state, lifecycle.isRestarting]).toEqual(['draining', true]);
    old.inFlight.endRequest();
    await restarting;
    expect([lifecycle.state, lifecycle.isRestarting]).toEqual(['active', false]);
  });

  it('goes back to the old release where the new one fails', async () => {
    const { lifecycle, second } = setUp();
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    second.failing = '2.0.0';
    await expect(lifecycle.restart(prepare('2.0.0'), commit)).rejects.toThrow('b fails');
    expect(lifecycle.state).toBe('active');
    expect(lifecycle.serving?.release.version).toBe('1.0.0');
  });
});

describe('unloading', () => {
  it('stops the intake, waits for what is in flight, then undoes last-first', async () => {
    const { lifecycle, log } = setUp();
    const generation = await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    generation.inFlight.beginRun();
    log.length = 0;
    const unloading = lifecycle.unload();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log).toEqual(['active > draining', 'b:stop 1.0.0', 'a:stop 1.0.0']);
    expect(generation.expired.aborted).toBe(false);
    generation.inFlight.endRun();
    await unloading;
    expect(log.slice(3)).toEqual(['b:undo 1.0.0', 'a:undo 1.0.0', 'draining > idle']);
    expect(lifecycle.generations).toHaveLength(0);
  });

  it('goes on at the drain deadline, telling what still runs to end', async () => {
    const { lifecycle } = setUp({ drainTimeoutMs: 10 });
    const generation = await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    generation.inFlight.beginRequest();
    await lifecycle.unload();
    expect(generation.expired.aborted).toBe(true);
    expect(lifecycle.state).toBe('idle');
  });

  it('is idle even where something could not be taken back, and says what', async () => {
    const { lifecycle, second } = setUp();
    second.undoing = () => Promise.reject(new Error('stuck'));
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    const failure = await lifecycle.unload().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors[0]).toMatchObject({ cause: new Error('stuck') });
    expect(lifecycle.state).toBe('idle');
  });

  it('refuses where nothing is loaded', async () => {
    const { lifecycle } = setUp();
    await expect(lifecycle.unload()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });
});

describe('trying out', () => {
  async function onTrial() {
    const context = setUp();
    const { lifecycle, log } = context;
    await lifecycle.load(prepare('1.0.0'), commit, 'idle');
    log.length = 0;
    const tryOut = (version: string) =>
      lifecycle.tryOut(prepare(version), commit, new TrialShare('trial'), () => void log.push(`ended ${version}`));
    return { ...context, tryOut };
  }

  const ATTACHED = ['a:attach 2.0.0', 'b:attach 2.0.0', 'a:try 2.0.0', 'b:try 2.0.0'];
  const WITHDRAWN = ['b:withdraw 2.0.0', 'a:withdraw 2.0.0'];
  const TAKEN_BACK = ['b:undo 2.0.0', 'a:undo 2.0.0'];

  it('serves a share beside the generation that serves the rest, until it gives way', async () => {
    const { lifecycle, log, tryOut } = await onTrial();
    await tryOut('2.0.0');
    expect(log).toEqual(ATTACHED);
    expect([lifecycle.serving?.release.version, lifecycle.trial?.release.version]).toEqual(['1.0.0', '2.0.0']);
    expect(lifecycle.generations).toHaveLength(2);
    lifecycle.endTrial();
    await new Promise(setImmediate);
    expect(log.slice(ATTACHED.length)).toEqual([...WITHDRAWN, 'ended 2.0.0', ...TAKEN_BACK]);
    expect([lifecycle.state, lifecycle.trial, lifecycle.generations.length]).toEqual(['active', undefined, 1]);
  });

  it('comes to serve all, without a moment in between', async () => {
    const { lifecycle, log, tryOut } = await onTrial();
    await tryOut('2.0.0');
    await lifecycle.promote(async () => void log.push('commit'));
    expect(log.slice(ATTACHED.length)).toEqual([
      'commit',
      'a:serve 2.0.0',
      'b:serve 2.0.0',
      'a:withdraw 2.0.0',
      'b:withdraw 2.0.0',
      'b:stop 1.0.0',
      'a:stop 1.0.0',
      'ended 2.0.0',
    ]);
    expect([lifecycle.serving?.release.version, lifecycle.trial]).toEqual(['2.0.0', undefined]);
  });

  it('is over where it may not come to serve all', async () => {
    const { lifecycle, log, tryOut } = await onTrial();
    await tryOut('2.0.0');
    const refusal = lifecycle.promote(() => Promise.reject(new Error('somebody was faster')));
    await expect(refusal).rejects.toThrow('somebody was faster');
    expect(log).toContain('ended 2.0.0');
    expect([lifecycle.serving?.release.version, lifecycle.trial]).toEqual(['1.0.0', undefined]);
  });

  it('leaves nothing of it where a capability cannot give it a share', async () => {
    const { lifecycle, log, second, tryOut } = await onTrial();
    second.refusing = '2.0.0';
    await expect(tryOut('2.0.0')).rejects.toThrow('b refuses');
    await new Promise(setImmediate);
    expect(log.slice(ATTACHED.length)).toEqual(['a:withdraw 2.0.0', 'ended 2.0.0', ...TAKEN_BACK]);
    expect([lifecycle.state, lifecycle.trial, lifecycle.generations.length]).toEqual(['active', undefined, 1]);
  });

  it.each(['unload', 'quarantine'] as const)('is over with the module: %s', async (how) => {
    const { lifecycle, log, tryOut } = await onTrial();
    await tryOut('2.0.0');
    await lifecycle[how]();
    await new Promise(setImmediate);
    expect(log).toEqual(expect.arrayContaining(['ended 2.0.0', ...WITHDRAWN, ...TAKEN_BACK]));
    expect(lifecycle.generations).toEqual([]);
  });
});

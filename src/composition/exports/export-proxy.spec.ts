import { beforeEach, describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '../../../test/support/eventually.js';
import { currentScope, runInScope } from '../../common/module-scope.js';
import { Generation, type Release } from '../../kernel/index.js';
import { exportProxy } from './export-proxy.js';
import { type ServedExport } from './served-exports.js';

class Meter {
  readonly unit = 'kWh';
  initialised = 0;
  constructor(readonly version: number) {}
  read() {
    return this.version;
  }
  async readLater() {
    return Promise.resolve(this.version);
  }
  observed() {
    return Promise.resolve(this.version);
  }
  async scopes() {
    const before = currentScope();
    await Promise.resolve();
    return [before, currentScope()];
  }
  onModuleInit() {
    this.initialised++;
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const generation = (number: number): Generation => new Generation({ name: 'meter' } as Release, number);

describe('what stands for an export', () => {
  let served: ServedExport | undefined;
  let next: Promise<ServedExport> | undefined;
  let meter: Meter;
  beforeEach(() => {
    next = undefined;
    served = { generation: generation(1), instance: new Meter(1) };
    meter = proxy() as Meter;
  });

  const proxy = () =>
    exportProxy({ current: () => served, next: () => next, unavailable: () => new Error('it does not serve') });
  const methodOf = (key: string) => Reflect.get(meter, key) as () => number;
  const serve = (version: number) => (served = { generation: generation(version), instance: new Meter(version) });

  it("calls it on its owner's behalf, and not on the caller's", async () => {
    const caller = { module: 'caller', generation: 7 };
    const own = { module: 'meter', generation: 1 };
    expect(await runInScope(caller, async () => [...(await meter.scopes()), currentScope()])).toEqual([
      own,
      own,
      caller,
    ]);
  });

  it('reads and calls the instance of the moment', async () => {
    const read = methodOf('read');
    expect([meter.version, meter.read(), await meter.readLater(), meter.unit]).toEqual([1, 1, 1, 'kWh']);
    serve(2);
    expect([meter.version, meter.read(), await meter.readLater(), read()]).toEqual([2, 2, 2, 2]);
  });

  it('looks like the instance from outside', () => {
    expect(['unit' in meter, 'none' in meter, Object.keys(meter)]).toEqual([
      true,
      false,
      ['version', 'unit', 'initialised'],
    ]);
    expect({ ...meter }).toEqual({ version: 1, unit: 'kWh', initialised: 0 });
    expect(JSON.parse(JSON.stringify(meter))).toEqual({ version: 1, unit: 'kWh', initialised: 0 });
    expect(methodOf('read')).toBe(methodOf('read'));
  });

  it('cannot be written to', () => {
    expect(() => Object.assign(meter, { unit: 'MWh' })).toThrow(TypeError);
    expect(() => Object.defineProperty(meter, 'unit', { value: 'MWh' })).toThrow(TypeError);
    expect(Reflect.deleteProperty(meter, 'unit')).toBe(false);
    expect(meter.unit).toBe('kWh');
  });

  it('does not pass on the hooks that Nest calls, nor is it a promise', async () => {
    expect([Reflect.get(meter, 'onModuleInit'), Reflect.get(meter, 'then'), 'onModuleInit' in meter]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect(await Promise.resolve(meter)).toBe(meter);
    expect(meter.initialised).toBe(0);
  });

  it('counts calls on the generation that they began on', async () => {
    const { inFlight } = (served as ServedExport).generation;
    const call = meter.readLater();
    serve(2);
    expect(inFlight.calls).toBe(1);
    expect([await call, inFlight.calls]).toEqual([1, 0]);
  });

  it('holds nothing of an instance that was replaced', async () => {
    await Promise.all([meter.readLater(), meter.observed()]);
    const gone = new WeakRef((served as ServedExport).instance);
    serve(2);
    await eventually(() => {
      collectGarbage();
      expect(gone.deref() === undefined).toBe(true);
    });
    expect(meter.read()).toBe(2);
  });

  it('calls a function that is exported', () => {
    let current = 1;
    served = { generation: generation(1), instance: () => current };
    const call = proxy() as () => number;
    expect([typeof call, call()]).toEqual(['function', 1]);
    current = 2;
    expect(call()).toBe(2);
  });

  it('fails while nothing serves', async () => {
    served = undefined;
    expect(() => meter.read()).toThrow('it does not serve');
    expect(() => meter.unit).toThrow('it does not serve');
    await expect(meter.readLater()).rejects.toThrow('it does not serve');
  });

  it('has asynchronous calls wait for what serves next, and no others', async () => {
    const read = methodOf('read');
    await meter.observed();
    served = undefined;
    let resume: (served: ServedExport) => void = () => undefined;
    next = new Promise((resolve) => (resume = resolve));
    const waiting = Promise.all([meter.readLater(), meter.observed()]);
    expect(() => read()).toThrow('it does not serve');
    resume(serve(2));
    expect(await waiting).toEqual([2, 2]);
  });
});

import { expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '../../test/support/eventually.js';
import { UnloadedCode } from './unloaded-code.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** @returns what holds the code */
function unload(unloaded: UnloadedCode): object {
  const mark = {};
  unloaded.watch('leaky', new WeakRef(mark));
  return mark;
}

it('names modules whose code outlives several collections, for as long as it does', async () => {
  const unloaded = new UnloadedCode();
  const held = new Map([1, 2].map((number) => [number, unload(unloaded)]));
  unloaded.watch('clean', new WeakRef({}));
  expect(unloaded.leaking()).toEqual({});
  await eventually(() => {
    collectGarbage();
    expect(unloaded.leaking()).toEqual({ leaky: 2 });
  });
  held.delete(2);
  await eventually(() => {
    collectGarbage();
    expect(unloaded.leaking()).toEqual({ leaky: 1 });
  });
  held.delete(1);
  await eventually(() => {
    collectGarbage();
    expect(unloaded.leaking()).toEqual({});
  });
});

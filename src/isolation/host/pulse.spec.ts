import { describe, expect, it } from '@jest/globals';
import { LOOK_MS, Pulse } from './pulse.js';

const looks = (pulse: Pulse, count: number): boolean[] => Array.from({ length: count }, () => pulse.look());

describe('Pulse', () => {
  it('says that a process is stuck once it has not beaten for as long as it may', () => {
    const pulse = new Pulse(4 * LOOK_MS);
    expect(looks(pulse, 5)).toEqual([false, false, false, false, true]);
  });

  it('begins anew with each beat', () => {
    const pulse = new Pulse(2 * LOOK_MS);
    expect(looks(pulse, 2)).toEqual([false, false]);
    pulse.beat();
    expect(looks(pulse, 3)).toEqual([false, false, true]);
  });

  it('begins anew where something else is expected', () => {
    const pulse = new Pulse(40 * LOOK_MS);
    looks(pulse, 30);
    pulse.expect(LOOK_MS);
    expect(looks(pulse, 2)).toEqual([false, true]);
  });
});

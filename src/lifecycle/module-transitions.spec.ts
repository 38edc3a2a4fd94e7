import { describe, expect, it } from '@jest/globals';
import { MODULE_STATES, type ModuleState } from '../kernel/index.js';
import { assertCanMove, canMove } from './module-transitions.js';

/** Written out again by hand, so that a change of the table is a decision. */
const LEGAL = new Set([
  'idle > loading',
  'idle > quarantined',
  'loading > active',
  'loading > idle',
  'loading > failed',
  'active > draining',
  'active > quarantined',
  'draining > idle',
  'failed > loading',
  'failed > idle',
  'failed > quarantined',
  'quarantined > loading',
  'quarantined > idle',
]);

const PAIRS = MODULE_STATES.flatMap((from) => MODULE_STATES.map((to): [ModuleState, ModuleState] => [from, to]));

describe('the moves of a module', () => {
  it.each(PAIRS)('%s > %s', (from, to) => {
    const legal = LEGAL.has(`${from} > ${to}`);
    expect(canMove(from, to)).toBe(legal);
    if (legal) assertCanMove('m', from, to);
    else expect(() => assertCanMove('m', from, to)).toThrow(expect.objectContaining({ code: 'ILLEGAL_TRANSITION' }));
  });
});

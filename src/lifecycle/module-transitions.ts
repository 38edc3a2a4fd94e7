import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleState } from '../kernel/index.js';

/** The legal moves of one module on one host; whatever moves a module's state is checked against this table. */
export const TRANSITIONS = {
  idle: ['loading', 'quarantined'],
  loading: ['active', 'idle', 'failed'],
  active: ['draining', 'quarantined'],
  draining: ['idle'],
  failed: ['loading', 'idle', 'quarantined'],
  quarantined: ['loading', 'idle'],
} as const satisfies Record<ModuleState, readonly ModuleState[]>;

export function canMove(from: ModuleState, to: ModuleState): boolean {
  return (TRANSITIONS[from] as readonly ModuleState[]).includes(to);
}

export function assertCanMove(moduleName: string, from: ModuleState, to: ModuleState): void {
  if (canMove(from, to)) return;
  throw new NestdockError('ILLEGAL_TRANSITION', `${moduleName} is ${from} and cannot become ${to}`, {
    extensions: { from, to },
  });
}

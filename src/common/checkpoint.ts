import { channel } from 'node:diagnostics_channel';

/** The diagnostics channel on which operations on modules say how far they have come: a {@link Checkpoint} each time. */
export const CHECKPOINT_CHANNEL = 'nestdock:checkpoint';

export interface Checkpoint {
  /** What has just been done, such as `attached:data` or `disable:committed`. */
  readonly step: string;
  /** The module's name. */
  readonly module: string;
}

const checkpoints = channel(CHECKPOINT_CHANNEL);

/** Marks a place at which the host may be cut off. Whatever comes of that has to be right again after the next start. */
export function checkpoint(step: string, module: string): void {
  if (checkpoints.hasSubscribers) checkpoints.publish({ step, module } satisfies Checkpoint);
}

/** Why an attempt was told to stop: the `reason` of its signal. */
export const ABORT_CODES = ['RUN_TIMED_OUT', 'RUN_CANCELLED', 'RUN_LOST', 'MODULE_UNLOADED', 'HOST_STOPPING'] as const;
export type AbortCode = (typeof ABORT_CODES)[number];

export class RunAbort extends Error {
  override readonly name = 'AbortError';

  constructor(
    readonly code: AbortCode,
    message: string,
  ) {
    super(message);
  }
}

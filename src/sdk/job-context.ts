import { type ModuleContext } from './module-context.js';

/** What a job's handler gets: the module's context, and the run it stands in. */
export interface JobContext<Config extends object = Record<string, unknown>> extends ModuleContext {
  readonly job: {
    readonly key: string;
    readonly runId: string;
    /** The tick or request this run answers, not the moment it started. */
    readonly scheduledAt: Date;
    /** Counted from 1. */
    readonly attempt: number;
    /** The manifest's defaults, then the operator's values, then those of this run. */
    readonly config: Readonly<Config>;
  };
  /**
   * Names the work of this run: the same in each of its attempts, and in a run that an operator asks for to repeat it.
   * Hand it to whatever has effects elsewhere, so that an attempt which is made again has no effect twice.
   */
  readonly idempotencyKey: string;
  /** Aborts at the job's timeout, at a cancellation, and where the module must go. */
  readonly signal: AbortSignal;
  /** @param percent 0 to 100 */
  readonly progress: (percent: number, message?: string) => void;
}

export type JobHandler<Config extends object = Record<string, unknown>> = (context: JobContext<Config>) => unknown;

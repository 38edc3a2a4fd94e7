import { type JobContext, type ModuleContext, type ModuleLogger } from '../../sdk/index.js';

export interface JobContextParts {
  readonly module: ModuleContext;
  readonly job: JobContext['job'];
  readonly logger: ModuleLogger;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly progress: JobContext['progress'];
}

/** The module's context, with the run's own logger, signal and progress. */
export function jobContext({ module: context, ...own }: JobContextParts): JobContext {
  return {
    module: context.module,
    hostUrl: context.hostUrl,
    // Read when they are needed: they may change during the run.
    get settings() {
      return context.settings;
    },
    get dataSource() {
      return context.dataSource;
    },
    get: (token) => context.get(token),
    onSettingsChanged: (listener) => context.onSettingsChanged(listener),
    ...own,
  };
}

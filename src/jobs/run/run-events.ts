import { type EventBus } from '../../kernel/index.js';
import { type Job, type RunStatus } from '../../persistence/index.js';

/** Tells of a run's status, once it is committed. */
export function publishRun(
  events: EventBus,
  id: string,
  job: Pick<Job, 'id' | 'module' | 'key'>,
  status: RunStatus,
): void {
  events.publish('run.status', { id, jobId: job.id, module: job.module, job: job.key, status });
}

import { AsyncAction } from 'rxjs/internal/scheduler/AsyncAction';
import { AsyncScheduler } from 'rxjs/internal/scheduler/AsyncScheduler';

/** Starts an interval, as the global does. */
export type StartInterval = (callback: () => void, ms?: number) => NodeJS.Timeout;

/** Does what rxjs's own `asyncScheduler` does, on timers that somebody else starts. */
export class OwnScheduler extends AsyncScheduler {
  constructor(readonly startInterval: StartInterval) {
    super(OwnAction);
  }
}

class OwnAction<T> extends AsyncAction<T> {
  protected override requestAsyncId(scheduler: OwnScheduler, _id?: unknown, delay = 0): NodeJS.Timeout {
    return scheduler.startInterval(scheduler.flush.bind(scheduler, this), delay);
  }
}

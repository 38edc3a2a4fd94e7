import { type SchedulerRegistry } from '@nestjs/schedule';
import { CronJob, CronTime } from 'cron';
import { type CronSchedule } from './cron-schedule.js';

/** Ticks further back than this were missed, rather than late. */
const LATE_MS = 60_000;
/** A CronJob has no word for never: it looks again after this. */
const NEVER_MS = 365 * 24 * 3_600_000;

export interface Tick {
  readonly at: Date;
  /** undefined where the schedule has no further tick. */
  readonly next: Date | undefined;
}

export interface TickListener {
  /** Called at each tick, in their order. */
  onTick(tick: Tick): void;
  /** The process stood still for so long that ticks up to `until` were missed; later ones follow by `onTick`. */
  onStandstill(until: Date): void;
}

/** The CronJobs of this host, in Nest's registry, under names such as `hello/collect`. */
export class CronTicks {
  constructor(private readonly registry: SchedulerRegistry) {}

  /**
   * Tells of each tick later than `since`, also of those that pass while the event loop is held up.
   * One that is armed under the name already is replaced.
   * @returns what disarms it; does nothing where another one has the name by then.
   */
  arm(name: string, schedule: CronSchedule, since: Date, listener: TickListener): () => void {
    this.#remove(name);
    let last = since;
    const look = () => {
      const now = new Date();
      const onTime = new Date(now.getTime() - LATE_MS);
      if (onTime > last) {
        if (schedule.last(1, last, onTime).length > 0) listener.onStandstill(onTime);
        last = onTime;
      }
      for (const at of schedule.between(last, now)) {
        listener.onTick({ at, next: schedule.next(at) });
        last = at;
      }
    };
    const job = CronJob.from({ cronTime: '* * * * * *', onTick: look });
    job.setTime(new ScheduleTime(schedule));
    this.registry.addCronJob(name, job);
    job.start();
    // The CronJob waits for what comes after its own start: a tick between `since` and that would be nobody's.
    look();
    return () => {
      if (this.registry.doesExist('cron', name) && this.registry.getCronJob(name) === job) this.#remove(name);
    };
  }

  #remove(name: string): void {
    if (this.registry.doesExist('cron', name)) this.registry.deleteCronJob(name);
  }
}

/** Has a CronJob fire when our schedule says so. Its own reckoning loses and repeats ticks on days when clocks change. */
class ScheduleTime extends CronTime {
  constructor(private readonly schedule: CronSchedule) {
    super('* * * * * *', schedule.timezone);
    this.source = schedule.expression;
  }

  override getNextDateFrom(...[start, zone]: Parameters<CronTime['getNextDateFrom']>) {
    const from = start instanceof Date ? start : start.toJSDate();
    const target = this.schedule.next(from)?.getTime() ?? from.getTime() + NEVER_MS;
    const anyDate = super.getNextDateFrom(start, zone);
    return anyDate.plus({ milliseconds: target - anyDate.toMillis() });
  }
}

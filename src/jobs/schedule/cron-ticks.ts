import { type SchedulerRegistry } from '@nestjs/schedule';
import { CronJob, CronTime } from 'cron';
import { type CronSchedule } from './cron-schedule.js';

/** Ticks further back than this were missed, rather than late: the latest of them stands for all. */
const LATE_MS = 60_000;
/** A CronJob has no word for never: it looks again after this. */
const NEVER_MS = 365 * 24 * 3_600_000;

export interface Tick {
  readonly at: Date;
  /** undefined where the schedule has no further tick. */
  readonly next: Date | undefined;
}

/** The CronJobs of this host, in Nest's registry, under names such as `hello/collect`. */
export class CronTicks {
  constructor(private readonly registry: SchedulerRegistry) {}

  /**
   * Calls `onTick` at each tick from now on, also for those that pass while the event loop is held up.
   * One that is armed under the name already is replaced.
   * @returns what disarms it; does nothing where another one has the name by then.
   */
  arm(name: string, schedule: CronSchedule, onTick: (tick: Tick) => void): () => void {
    this.#remove(name);
    let last = new Date();
    const job = CronJob.from({
      cronTime: '* * * * * *',
      onTick: () => {
        const ticks = dueTicks(schedule, last, new Date());
        for (const at of ticks) onTick({ at, next: schedule.next(at) });
        last = ticks.at(-1) ?? last;
      },
    });
    job.setTime(new ScheduleTime(schedule));
    this.registry.addCronJob(name, job);
    job.start();
    return () => {
      if (this.registry.doesExist('cron', name) && this.registry.getCronJob(name) === job) this.#remove(name);
    };
  }

  #remove(name: string): void {
    if (this.registry.doesExist('cron', name)) this.registry.deleteCronJob(name);
  }
}

function dueTicks(schedule: CronSchedule, last: Date, now: Date): Date[] {
  const onTime = new Date(Math.max(last.getTime(), now.getTime() - LATE_MS));
  const ticks = schedule.between(onTime, now);
  if (ticks.length > 0) return ticks;
  const latest = schedule.latest(now);
  return latest && latest > last ? [latest] : [];
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

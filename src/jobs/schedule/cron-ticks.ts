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
    const clock = new TickClock(schedule, since);
    const look = () => {
      const now = new Date();
      const onTime = new Date(now.getTime() - LATE_MS);
      if (clock.skip(onTime)) listener.onStandstill(onTime);
      for (let at = clock.take(now); at; at = clock.take(now)) listener.onTick({ at, next: clock.upcoming });
    };
    const job = CronJob.from({ cronTime: '* * * * * *', onTick: look });
    job.setTime(new ScheduleTime(schedule, clock));
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

/** Walks a schedule's ticks in their order. Each is reckoned once, as a host may have a thousand at one moment. */
class TickClock {
  #upcoming: Date | undefined;
  /** The one after `upcoming`, where it was asked for already. */
  #following: Date | undefined;

  constructor(
    private readonly schedule: CronSchedule,
    after: Date,
  ) {
    this.#upcoming = schedule.next(after);
  }

  get upcoming(): Date | undefined {
    return this.#upcoming;
  }

  /** The next tick, if it is due, and goes on to the one after it. */
  take(now: Date): Date | undefined {
    const tick = this.#upcoming;
    if (!tick || tick > now) return undefined;
    this.#upcoming = this.#following ?? this.schedule.next(tick);
    this.#following = undefined;
    return tick;
  }

  /** The first tick later than `now`, be it that an earlier one was not taken yet. */
  peek(now: Date): Date | undefined {
    if (!this.#upcoming || this.#upcoming > now) return this.#upcoming;
    this.#following ??= this.schedule.next(this.#upcoming);
    return this.#following && this.#following <= now ? this.schedule.next(now) : this.#following;
  }

  /** Passes over the ticks up to `until`. @returns whether there were any. */
  skip(until: Date): boolean {
    if (!this.#upcoming || this.#upcoming > until) return false;
    this.#upcoming = this.schedule.next(until);
    this.#following = undefined;
    return true;
  }
}

type CronDate = ReturnType<CronTime['getNextDateFrom']>;

/** Has a CronJob fire when our schedule says so. Its own reckoning loses and repeats ticks on days when clocks change. */
class ScheduleTime extends CronTime {
  #anyDate: CronDate | undefined;

  constructor(
    schedule: CronSchedule,
    private readonly clock: TickClock,
  ) {
    super('* * * * * *', schedule.timezone);
    this.source = schedule.expression;
  }

  /** A CronJob asks this before it says that a tick is due. */
  override getNextDateFrom(...[start, zone]: Parameters<CronTime['getNextDateFrom']>): CronDate {
    const from = start instanceof Date ? start : start.toJSDate();
    const next = this.clock.peek(from);
    this.#anyDate ??= super.getNextDateFrom(start, zone);
    return this.#anyDate.plus({
      milliseconds: (next?.getTime() ?? from.getTime() + NEVER_MS) - this.#anyDate.toMillis(),
    });
  }
}

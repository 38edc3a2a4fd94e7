import { type Job } from '../persistence/index.js';
import { isArmed, type JobRecords, scheduleOf } from './job-records.js';
import { type CronTicks } from './schedule/cron-ticks.js';
import { type TickSender } from './tick-sender.js';

/** How often a host looks whether another one has changed its jobs. */
const LOOK_MS = 5_000;

/** A change bears the time at which its transaction began, and is seen once that has ended. */
const OVERLAP_MS = 60_000;

interface ArmedJob {
  readonly module: string;
  readonly signature: string;
  readonly disarm: () => void;
}

/** Which jobs' schedules are armed on this host: those of the modules that serve here, as the database says of them. */
export class JobSchedules {
  readonly #armed = new Map<string, ArmedJob>();
  /** The latest change that a look has seen, by the database's clock. */
  #seen: Date | undefined;
  #look: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly ticks: CronTicks,
    private readonly sender: TickSender,
    private readonly records: JobRecords,
    private readonly servingModules: () => string[],
    private readonly releaseHeld: (modules: readonly string[]) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.#look ??= setInterval(() => this.#lookLater(() => this.#refresh()), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#look);
    this.#look = undefined;
    for (const id of [...this.#armed.keys()]) this.#disarm(id);
    await this.#looking;
  }

  /** Has the module's schedules be those of these jobs, and no others. */
  replace(module: string, jobs: readonly Job[]): void {
    const ids = new Set(jobs.map(({ id }) => id));
    for (const [id, armed] of this.#armed) if (armed.module === module && !ids.has(id)) this.#disarm(id);
    for (const job of jobs) this.apply(job);
    if (jobs.length > 0) this.#lookLater(() => this.releaseHeld([module]));
  }

  /** Arms, changes or disarms the job's schedule, as its row says. One that is as it should be goes on undisturbed. */
  apply(job: Job): void {
    const name = `${job.module}/${job.key}`;
    const signature = `${name} ${job.scheduleOverride ?? job.schedule} ${job.timezoneOverride ?? job.timezone}`;
    // Before it is parsed: most jobs are as they were at every look.
    if (isArmed(job) && this.#armed.get(job.id)?.signature === signature) return;
    const schedule = isArmed(job) ? scheduleOf(job) : undefined;
    if (!schedule) return this.#disarm(job.id);
    const since = new Date();
    if (job.answeredUntil && schedule.last(1, job.answeredUntil, since).length > 0) {
      this.sender.sendMissed(job.id, since);
    }
    const disarm = this.ticks.arm(name, schedule, since, {
      onTick: (tick) => this.sender.send(job.id, tick),
      onStandstill: (until) => this.sender.sendMissed(job.id, until),
    });
    this.#armed.set(job.id, { module: job.module, signature, disarm });
  }

  #disarm(id: string): void {
    this.#armed.get(id)?.disarm();
    this.#armed.delete(id);
  }

  #lookLater(look: () => Promise<void>): void {
    this.#looking = this.#looking.then(look).catch(this.onError);
  }

  async #refresh(): Promise<void> {
    const modules = this.servingModules();
    if (modules.length === 0) return;
    const jobs = await this.records.changed(modules, this.#seen && new Date(this.#seen.getTime() - OVERLAP_MS));
    for (const { updatedAt } of jobs) if (!this.#seen || updatedAt > this.#seen) this.#seen = updatedAt;
    const serving = new Set(this.servingModules());
    for (const job of jobs) if (serving.has(job.module)) this.apply(job);
    // A run may have been held just when its module was enabled again.
    await this.releaseHeld(modules);
  }
}

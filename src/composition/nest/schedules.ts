import { type SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type ScheduleRecorder } from '../nest-internals.js';

type Kind = 'cron' | 'interval' | 'timeout';
type CronOptions = Parameters<typeof CronJob.from>[0] & { disabled?: boolean; initialDelay?: number };

interface Find {
  readonly kind: Kind;
  readonly name: string;
  /** Starts it, and tells the registry under that name. @returns what stops it before its time */
  mount(registry: SchedulerRegistry, name: string): () => void;
}

/**
 * What `@Cron`, `@Interval` and `@Timeout` of one generation schedule: found when it is composed, ticking only
 * while it serves. The module sees it in a registry of its own, by the author's names; the host's registry
 * has it under the generation's.
 */
export class Schedules implements ScheduleRecorder {
  readonly #found: Find[] = [];
  readonly #names = new Set<string>();

  addCron(run: () => void, { name, ...options }: { name?: string } & Record<string, unknown>): void {
    const { disabled, initialDelay, ...cron } = options as unknown as CronOptions;
    this.#add('cron', name, (registry, key) => {
      const job = CronJob.from({ ...cron, onTick: run, start: !disabled && !initialDelay });
      registry.addCronJob(key, job as CronJob);
      const delayed = initialDelay && !disabled ? setTimeout(() => job.start(), initialDelay) : undefined;
      return () => clearTimeout(delayed);
    });
  }

  addInterval(run: () => void, ms: number, name?: string): void {
    this.#add('interval', name, (registry, key) => {
      registry.addInterval(key, setInterval(run, ms));
      return () => undefined;
    });
  }

  addTimeout(run: () => void, ms: number, name?: string): void {
    this.#add('timeout', name, (registry, key) => {
      registry.addTimeout(key, setTimeout(run, ms));
      return () => undefined;
    });
  }

  /**
   * @returns what stops everything in the module's registry, that which the module added itself included; it stays
   * there to be found until the registry is emptied.
   */
  start(host: SchedulerRegistry, own: SchedulerRegistry, prefix: string): () => void {
    const stops = this.#found.map((found) => {
      const { kind, name } = found;
      const stopEarly = found.mount(own, name);
      share(kind, own, name, host, `${prefix}:${name}`);
      return () => {
        stopEarly();
        if (host.doesExist(kind, `${prefix}:${name}`)) remove(kind, host, `${prefix}:${name}`);
      };
    });
    return () => {
      for (const stop of stops.splice(0)) stop();
      for (const job of own.getCronJobs().values()) void job.stop();
      for (const name of own.getIntervals()) clearInterval(own.getInterval<NodeJS.Timeout>(name));
      for (const name of own.getTimeouts()) clearTimeout(own.getTimeout<NodeJS.Timeout>(name));
    };
  }

  #add(kind: Kind, given: string | undefined, mount: Find['mount']): void {
    const name = given ?? crypto.randomUUID();
    const key = `${kind} ${name}`;
    if (this.#names.has(key)) throw new NestdockError('COMPOSITION_FAILED', `two schedules have the name "${name}"`);
    this.#names.add(key);
    this.#found.push({ kind, name, mount });
  }
}

/** Stops and removes what a module has left in its registry. */
export function emptyRegistry(registry: SchedulerRegistry): void {
  for (const name of [...registry.getCronJobs().keys()]) registry.deleteCronJob(name);
  for (const name of registry.getIntervals()) registry.deleteInterval(name);
  for (const name of registry.getTimeouts()) registry.deleteTimeout(name);
}

function share(kind: Kind, from: SchedulerRegistry, name: string, to: SchedulerRegistry, key: string): void {
  if (kind === 'cron') to.addCronJob(key, from.getCronJob(name));
  else if (kind === 'interval') to.addInterval(key, from.getInterval(name));
  else to.addTimeout(key, from.getTimeout(name));
}

function remove(kind: Kind, registry: SchedulerRegistry, name: string): void {
  if (kind === 'cron') registry.deleteCronJob(name);
  else if (kind === 'interval') registry.deleteInterval(name);
  else registry.deleteTimeout(name);
}

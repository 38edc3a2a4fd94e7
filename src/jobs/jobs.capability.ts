import { type EntityManager } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type InputProblem } from '../common/errors/problem.js';
import { toError } from '../common/to-error.js';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation, type ModuleFunction } from '../kernel/index.js';
import { type Manifest } from '../manifest/index.js';
import { type Job } from '../persistence/index.js';
import { LONGEST_TIMEOUT_MS } from './engine/job-engine.js';
import { describeJob, type JobRecords, scheduleOf } from './job-records.js';
import { type JobSchedules } from './job-schedules.js';
import { type Executions } from './run/executions.js';
import { type RunRecords } from './run/run-records.js';
import { type AttachedJobs, type ServingJobs } from './serving-jobs.js';

/** A module's jobs: handlers that this host runs, rows in the database, schedules that fire. */
export class JobsCapability implements Capability {
  readonly name = 'jobs';
  readonly #attached = new Map<Generation, AttachedJobs>();
  /** The rows that a generation's record has written, until it serves. */
  readonly #recorded = new WeakMap<Generation, readonly Job[]>();

  constructor(
    private readonly records: JobRecords,
    private readonly runs: RunRecords,
    private readonly serving: ServingJobs,
    private readonly schedules: JobSchedules,
    private readonly executions: Executions,
  ) {}

  /** @throws {NestdockError} JOBS_INVALID with a problem for each job that cannot be set up. */
  attach(generation: Generation): Undo {
    this.#attached.set(generation, { generation, handlers: collectHandlers(generation) });
    return () => {
      this.#attached.delete(generation);
      return this.executions.forget(generation);
    };
  }

  async record(generation: Generation, transaction: EntityManager): Promise<void> {
    this.#recorded.set(generation, await this.records.record(transaction, generation.release.manifest));
  }

  serve(generation: Generation): () => void {
    const attached = this.#attached.get(generation);
    if (!attached) throw new Error(`${generation.id} has no jobs attached`);
    const { name } = generation;
    const stop = this.serving.serve(attached);
    this.schedules.replace(name, this.#recorded.get(generation) ?? []);
    return () => {
      stop();
      if (!this.serving.get(name)) this.schedules.replace(name, []);
    };
  }

  async withdraw(moduleName: string, transaction: EntityManager): Promise<void> {
    await this.records.withdraw(transaction, moduleName);
    await this.runs.skipAll(transaction, moduleName);
  }

  async forget(moduleName: string, transaction: EntityManager): Promise<void> {
    await this.withdraw(moduleName, transaction);
    await this.records.orphan(transaction, moduleName);
  }

  /** Runs go with their jobs. */
  async purge(moduleName: string, transaction: EntityManager): Promise<void> {
    await this.records.remove(transaction, moduleName);
  }
}

function collectHandlers(generation: Generation): Map<string, ModuleFunction> {
  const { manifest } = generation.release;
  const handlers = new Map<string, ModuleFunction>();
  const problems: InputProblem[] = [];
  for (const key of Object.keys(manifest.jobs ?? {})) {
    try {
      handlers.set(key, collectHandler(generation, manifest, key));
    } catch (thrown) {
      problems.push(jobProblem(key, thrown));
    }
  }
  if (problems.length === 0) return handlers;
  const detail = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  throw new NestdockError('JOBS_INVALID', detail, { problems });
}

function collectHandler(generation: Generation, manifest: Manifest, key: string): ModuleFunction {
  const job = manifest.jobs?.[key];
  if (!job) throw new Error('the manifest has no such job');
  const description = describeJob(key, job);
  scheduleOf({ ...description, scheduleOverride: null, timezoneOverride: null });
  if (description.timeout > LONGEST_TIMEOUT_MS) {
    throw new Error(`a timeout may be ${LONGEST_TIMEOUT_MS} ms at most, which is just under a day`);
  }
  return generation.part('code').handler(job.handler);
}

function jobProblem(key: string, thrown: unknown): InputProblem {
  const field = thrown instanceof NestdockError ? (thrown.problems[0]?.pointer ?? '') : '';
  return {
    code: thrown instanceof NestdockError ? thrown.code : 'JOBS_INVALID',
    pointer: `/jobs/${key}${field}`,
    message: toError(thrown).message,
  };
}

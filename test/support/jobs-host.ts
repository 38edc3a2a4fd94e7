import { SchedulerRegistry } from '@nestjs/schedule';
import { pino } from 'pino';
import { SecretRegistry } from '../../src/common/redaction/secret-registry.js';
import { SecretBox } from '../../src/common/secret-box.js';
import { JobSecrets } from '../../src/jobs/job-secrets.js';
import { createJobs, type Jobs, type JobsOptions } from '../../src/jobs/create-jobs.js';
import { HostEventBus } from '../../src/events/index.js';
import { Generation, type ModuleFunction, type Release } from '../../src/kernel/index.js';
import { type Manifest, type ManifestJob } from '../../src/manifest/index.js';
import { Module } from '../../src/persistence/index.js';
import { type TestDatabase } from './database.js';

export interface TestJob extends Omit<ManifestJob, 'handler'> {
  readonly run: ModuleFunction;
}

/** A module's jobs as they serve on a host. */
export interface ServedJobs {
  readonly generation: Generation;
  /** Stops the intake, drains up to the milliseconds, and takes everything back, as the lifecycle does. */
  unload(drainMs?: number): Promise<void>;
}

/** The jobs of one host, and the part of the lifecycle that they meet. */
export class JobsHost {
  readonly registry = new SchedulerRegistry();
  readonly events = new HostEventBus('host', (error) => {
    throw error;
  });
  readonly jobs: Jobs;
  #generations = 0;

  constructor(
    private readonly test: TestDatabase,
    options: Partial<JobsOptions> = {},
  ) {
    this.jobs = createJobs(
      {
        hostId: 'host-a',
        drainTimeoutMs: 2_000,
        concurrency: 4,
        schema: 'pgboss',
        retention: { days: 30, runsPerJob: 1_000 },
        ...options,
      },
      {
        ...test,
        registry: this.registry,
        events: this.events,
        secrets: new JobSecrets(new SecretBox(['a-key'], 'jobs'), new SecretRegistry()),
        logger: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
      },
    );
  }

  get service() {
    return this.jobs.service;
  }

  /** Attaches, records and serves a module with these jobs. */
  async serve(name: string, jobs: Readonly<Record<string, TestJob>>): Promise<ServedJobs> {
    const generation = new Generation(testRelease(name, jobs), ++this.#generations);
    generation.provide('code', {
      entry: undefined,
      handler: (reference) => {
        const job = jobs[reference];
        if (!job) throw new Error(`no handler ${reference}`);
        return job.run;
      },
      exportsOf: () => ({}),
    });
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    generation.provide('context', {
      module: { name, version: '1.0.0' },
      hostUrl: 'http://127.0.0.1:4000',
      logger,
      settings: {},
      dataSource: this.test.dataSource,
      get: () => {
        throw new Error('there are no providers');
      },
      onSettingsChanged: () => () => undefined,
    });
    const { capability } = this.jobs;
    const undo = capability.attach(generation);
    await this.test.dataSource.transaction(async (transaction) => {
      await transaction.upsert(Module, { name, path: `/modules/${name}`, status: 'ENABLED' }, ['name']);
      await capability.record(generation, transaction);
    });
    const stop = capability.serve(generation);
    return {
      generation,
      unload: async (drainMs = 1_000) => {
        stop();
        let resolve = () => {};
        const promise = new Promise<void>((done) => (resolve = done));
        const timer = setTimeout(resolve, drainMs);
        await Promise.race([generation.inFlight.idle(), promise]);
        clearTimeout(timer);
        generation.expire();
        await undo();
        generation.clear();
      },
    };
  }

  async disable(name: string): Promise<void> {
    await this.test.dataSource.transaction((transaction) => this.jobs.capability.withdraw(name, transaction));
  }

  /** The id of the job `module/key`. */
  async jobId(path: string): Promise<string> {
    const [module = '', key] = path.split('/');
    const { items } = await this.service.list({ module });
    const job = items.find((item) => item.key === key);
    if (!job) throw new Error(`there is no job ${path}`);
    return job.id;
  }
}

function testRelease(name: string, jobs: Readonly<Record<string, TestJob>>): Release {
  const described = Object.entries(jobs).map(
    ([key, { run: _run, ...job }]) => [key, { ...job, handler: key }] as const,
  );
  const manifest: Manifest = {
    name,
    version: '1.0.0',
    displayName: name,
    description: 'A module of the tests',
    author: 'Nestdock',
    jobs: Object.fromEntries(described),
  };
  return {
    name,
    version: '1.0.0',
    manifest,
    folder: `/modules/${name}`,
    digest: 'd'.repeat(64),
    migrations: [],
    bundle: { hash: 'b'.repeat(64), code: '', map: '', externals: [] },
  };
}

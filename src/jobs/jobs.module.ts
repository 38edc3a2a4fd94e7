import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { hostId } from '../common/host-id.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { EVENT_BUS, type EventBus } from '../kernel/index.js';
import { HOST_DATA_SOURCE, HOST_DATABASE, type HostDatabase, SecretKeys } from '../persistence/index.js';
import { JobSecrets } from './job-secrets.js';
import { createJobs, type Jobs, type JobsOptions } from './create-jobs.js';
import { JobsCapability } from './jobs.capability.js';
import { JobsService } from './jobs.service.js';

/** Injection token of the {@link JobsModuleOptions}. */
const JOBS_OPTIONS = Symbol('JobsOptions');
/** Injection token of the {@link Jobs}. */
const JOBS = Symbol('Jobs');

export type JobsModuleOptions = Partial<JobsOptions>;

export interface JobsModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  // Nest's own type of a factory: what it injects is known to `inject` alone.
  readonly useFactory: FactoryProvider<JobsModuleOptions | Promise<JobsModuleOptions>>['useFactory'];
}

const DEFAULTS: Omit<JobsOptions, 'drainTimeoutMs' | 'retention'> = {
  hostId: hostId(),
  concurrency: 20,
  schema: 'pgboss',
};

const PROVIDERS: Provider[] = [
  {
    provide: JOBS,
    inject: [
      JOBS_OPTIONS,
      HOST_CONFIG,
      HOST_DATABASE,
      getDataSourceToken(HOST_DATA_SOURCE),
      SchedulerRegistry,
      LOGGER,
      EVENT_BUS,
      SecretKeys,
      SecretRegistry,
    ],
    useFactory: (
      options: JobsModuleOptions,
      { drainTimeoutMs, runRetention }: HostConfig,
      database: HostDatabase,
      dataSource: DataSource,
      registry: SchedulerRegistry,
      logger: Logger,
      events: EventBus,
      secretKeys: SecretKeys,
      known: SecretRegistry,
    ) =>
      createJobs(
        { ...DEFAULTS, drainTimeoutMs, retention: runRetention, ...options },
        { database, dataSource, registry, logger, events, secrets: new JobSecrets(secretKeys.box('jobs'), known) },
      ),
  },
  { provide: JobsService, inject: [JOBS], useFactory: ({ service }: Jobs) => service },
  { provide: JobsCapability, inject: [JOBS], useFactory: ({ capability }: Jobs) => capability },
];

/**
 * Jobs, on the database of `PersistenceModule`: exports the {@link JobsService}, and the {@link JobsCapability} for
 * the lifecycle. Takes up work when the application has started, and drains before it shuts down.
 */
@Module({})
export class JobsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(JOBS) private readonly jobs: Jobs) {}

  static forRoot(options: JobsModuleOptions = {}): DynamicModule {
    return dynamicModule({ provide: JOBS_OPTIONS, useValue: options });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: JobsModuleAsyncOptions): DynamicModule {
    return dynamicModule({ provide: JOBS_OPTIONS, inject, useFactory }, imports);
  }

  onApplicationBootstrap(): void {
    this.jobs.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.jobs.stop();
  }
}

function dynamicModule(options: Provider, imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
  return {
    module: JobsModule,
    imports: [ScheduleModule.forRoot(), ...imports],
    providers: [options, ...PROVIDERS],
    exports: [JobsService, JobsCapability],
  };
}

import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AdminModule } from './admin/index.js';
import { AuthModule } from './auth/index.js';
import { CircuitModule } from './circuit/index.js';
import { BundlingModule, CodeCapability, ReleaseStoreModule, TracesCapability } from './bundling/index.js';
import { ClusterModule, RolloutsModule } from './cluster/index.js';
import { type Logger } from './common/logging/logger.js';
import { LoggingModule } from './common/logging/logging.module.js';
import { type SecretRegistry } from './common/redaction/secret-registry.js';
import { CompositionCapability, CompositionModule, ContextCapability } from './composition/index.js';
import { ConfigModule, type HostConfig } from './config/index.js';
import { DataCapability, DataModule } from './data/index.js';
import { EventsModule } from './events/index.js';
import { FaultsModule } from './faults/index.js';
import { IsolationCapability, IsolationModule } from './isolation/index.js';
import { JobsCapability, JobsModule } from './jobs/index.js';
import { LifecycleModule } from './lifecycle/index.js';
import { MigrationsCapability, MigrationsModule } from './migrations/index.js';
import { PersistenceModule } from './persistence/index.js';
import { ResourcesCapability, ResourcesModule } from './resources/index.js';
import { RoutingCapability, RoutingModule } from './routing/index.js';
import { SettingsCapability, SettingsModule } from './settings/index.js';
import { VitalsModule } from './vitals/index.js';

/** Composes the folders into one host, and hands the lifecycle its capabilities in their order. */
@Module({})
export class AppModule {
  static forRoot(config: HostConfig, logger: Logger, secrets: SecretRegistry): DynamicModule {
    const jobs = JobsModule.forRoot();
    const faults = FaultsModule.forRoot({ imports: [BundlingModule] });
    const vitals = VitalsModule.forRoot({ imports: [BundlingModule] });
    const resources = ResourcesModule.forRoot({ imports: [BundlingModule] });
    const lifecycle = LifecycleModule.forRoot({
      imports: [
        BundlingModule,
        ReleaseStoreModule,
        RolloutsModule,
        faults,
        vitals,
        resources,
        DataModule,
        MigrationsModule,
        CompositionModule,
        RoutingModule,
        SettingsModule,
        IsolationModule.forRoot({ imports: [BundlingModule, CompositionModule] }),
        jobs,
      ],
      capabilities: [
        TracesCapability,
        ResourcesCapability,
        CodeCapability,
        DataCapability,
        MigrationsCapability,
        SettingsCapability,
        IsolationCapability,
        ContextCapability,
        CompositionCapability,
        RoutingCapability,
        JobsCapability,
      ],
    });
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(logger, secrets),
        PersistenceModule.forRootAsync(),
        CircuitModule,
        EventsModule.forRoot(),
        ScheduleModule.forRoot(),
        AuthModule,
        lifecycle,
        ClusterModule.forRoot({ imports: [lifecycle, SettingsModule] }),
        AdminModule.forRoot({ imports: [lifecycle, vitals, jobs, MigrationsModule, SettingsModule] }),
      ],
    };
  }
}

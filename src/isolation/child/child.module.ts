import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CodeCapability } from '../../bundling/evaluation/code.capability.js';
import { EvaluationModule } from '../../bundling/evaluation/evaluation.module.js';
import { TracesCapability } from '../../bundling/stack-traces/traces.capability.js';
import { type Logger } from '../../common/logging/logger.js';
import { LoggingModule } from '../../common/logging/logging.module.js';
import { type SecretRegistry } from '../../common/redaction/secret-registry.js';
import { CompositionCapability, CompositionModule, ContextCapability } from '../../composition/index.js';
import { ConfigModule } from '../../config/index.js';
import { DataCapability, DataModule } from '../../data/index.js';
import { FaultsModule } from '../../faults/index.js';
import { CAPABILITIES, type Capability, MODULE_STATE_READER, type ModuleStateReader } from '../../kernel/index.js';
import { MigrationsCapability, MigrationsModule } from '../../migrations/index.js';
import { ModulePersistenceModule } from '../../persistence/index.js';
import { ResourcesCapability, ResourcesModule } from '../../resources/index.js';
import { RoutingModule } from '../../routing/index.js';
import { type FromChild, type LoadOrder } from '../protocol.js';
import { ChildRoutes } from './child-routes.js';
import { FedSettings } from './fed-settings.js';
import { ToldIncidentsModule } from './told-incidents.module.js';

export interface ChildOptions {
  readonly order: LoadOrder;
  readonly logger: Logger;
  readonly secrets: SecretRegistry;
  readonly send: (message: FromChild) => void;
}

const ALONE: ModuleStateReader = { stateOf: () => 'active' };

/** Composes, in a module's process, what the host composes for modules that run in its own. */
@Module({})
export class ChildModule {
  static forRoot({ order, logger, secrets, send }: ChildOptions): DynamicModule {
    const { config, connection, settings } = order;
    return {
      module: ChildModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(logger, secrets),
        ModulePersistenceModule.forRoot(connection),
        ToldIncidentsModule.forRoot(send),
        ScheduleModule.forRoot(),
        EvaluationModule,
        FaultsModule.forRoot({ imports: [EvaluationModule] }),
        ResourcesModule.forRoot({ imports: [EvaluationModule] }),
        DataModule,
        MigrationsModule,
        CompositionModule,
        RoutingModule,
      ],
      providers: [
        ChildRoutes,
        { provide: FedSettings, useFactory: () => new FedSettings(settings, send) },
        { provide: MODULE_STATE_READER, useValue: ALONE },
        {
          provide: CAPABILITIES,
          useFactory: (...attached: Capability[]) => attached,
          inject: [
            TracesCapability,
            ResourcesCapability,
            CodeCapability,
            DataCapability,
            MigrationsCapability,
            FedSettings,
            ContextCapability,
            CompositionCapability,
            ChildRoutes,
          ],
        },
      ],
    };
  }
}

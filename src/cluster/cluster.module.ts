import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { EVENT_BUS, type EventBus, FENCE } from '../kernel/index.js';
import { ModuleLoaderService, ModuleTrials } from '../lifecycle/index.js';
import { HOST_DATABASE, type HostDatabase } from '../persistence/index.js';
import { SettingsBoard } from '../settings/index.js';
import { ClusterNotices } from './cluster-notices.js';
import { ClusterService } from './cluster.service.js';
import { ClusterState } from './cluster-state.js';
import { HostFence } from './host-fence.js';
import { Membership } from './membership.js';
import { Reconciler } from './reconciler.js';
import { RolloutFollower } from './rollout-follower.js';
import { reporter, RolloutsModule } from './rollouts.module.js';
import { TrialFollower } from './trial-follower.js';

/** Makes this host follow what the database says, and shows how far all hosts are. */
@Module({})
export class ClusterModule {
  /** @param imports Nest modules that export the services of `lifecycle/` */
  static forRoot({ imports }: { readonly imports: NonNullable<ModuleMetadata['imports']> }): DynamicModule {
    return {
      module: ClusterModule,
      global: true,
      imports: [...imports, RolloutsModule],
      providers: [
        {
          provide: ClusterService,
          inject: [
            HOST_DATABASE,
            HOST_CONFIG,
            LOGGER,
            EVENT_BUS,
            SecretRegistry,
            ModuleLoaderService,
            ModuleTrials,
            SettingsBoard,
            Membership,
            ClusterNotices,
            FENCE,
          ],
          useFactory: compose,
        },
        {
          provide: FENCE,
          inject: [HOST_CONFIG, LOGGER, Membership, ModuleRef],
          useFactory: ({ hostTtlMs }: HostConfig, logger: Logger, membership: Membership, moduleRef: ModuleRef) =>
            new HostFence(
              hostTtlMs,
              () => membership.lastSignAt,
              () => moduleRef.get(ClusterService).catchUp(),
              reporter(logger),
            ),
        },
      ],
      exports: [ClusterService, FENCE],
    };
  }
}

function compose(
  database: HostDatabase,
  config: HostConfig,
  logger: Logger,
  events: EventBus,
  secrets: SecretRegistry,
  loader: ModuleLoaderService,
  trials: ModuleTrials,
  settings: SettingsBoard,
  membership: Membership,
  notices: ClusterNotices,
  fence: HostFence,
): ClusterService {
  const report = reporter(logger);
  return new ClusterService({
    notices,
    membership,
    fence,
    isAlone: database.kind === 'embedded',
    reconciler: new Reconciler(database, membership, notices, loader, settings, events, report),
    follower: new RolloutFollower(database, membership, notices, loader, secrets, report),
    trials: new TrialFollower(database, membership, notices, trials, report),
    state: new ClusterState(database, notices, config),
  });
}

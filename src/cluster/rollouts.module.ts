import { Module } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { ROLLOUTS } from '../kernel/index.js';
import { HOST_DATABASE, type HostDatabase } from '../persistence/index.js';
import { ClusterNotices } from './cluster-notices.js';
import { Membership } from './membership.js';
import { RolloutLeader } from './rollout-leader.js';
import { TrialLeader } from './trial-leader.js';

export const reporter =
  (logger: Logger) =>
  (err: unknown): void =>
    logger.error({ err }, 'The cluster could not be followed; it is tried again');

/** What brings a release to all hosts: for the lifecycle, which knows it by its interface only. */
@Module({
  providers: [
    {
      provide: ClusterNotices,
      inject: [HOST_DATABASE, LOGGER],
      useFactory: (database: HostDatabase, logger: Logger) => new ClusterNotices(database, reporter(logger)),
    },
    {
      provide: Membership,
      inject: [HOST_DATABASE, HOST_CONFIG, LOGGER],
      useFactory: (database: HostDatabase, config: HostConfig, logger: Logger) =>
        new Membership(database, config, reporter(logger)),
    },
    {
      provide: ROLLOUTS,
      inject: [HOST_DATABASE, Membership, ClusterNotices, HOST_CONFIG],
      useFactory: (database: HostDatabase, membership: Membership, notices: ClusterNotices, config: HostConfig) =>
        new RolloutLeader(database, membership, notices, new TrialLeader(database, notices), config),
    },
  ],
  exports: [ClusterNotices, Membership, ROLLOUTS],
})
export class RolloutsModule {}

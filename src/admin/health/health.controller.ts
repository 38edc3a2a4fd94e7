import { Get, Header, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { ClusterService } from '../../cluster/index.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { ModuleLoaderService } from '../../lifecycle/index.js';
import { DatabaseHealth } from '../../persistence/index.js';
import { HostController } from '../http/host-controller.decorator.js';
import { HealthResponse, LivenessResponse, ReadinessResponse } from './health.response.js';

@HostController('health', 'Host')
export class HealthController {
  constructor(
    private readonly loader: ModuleLoaderService,
    private readonly cluster: ClusterService,
    private readonly database: DatabaseHealth,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The host answers' })
  @ApiOkResponse({ type: HealthResponse })
  health(): HealthResponse {
    return {
      status: 'ok',
      timestamp: new Date().toISOString(),
      uptime: process.uptime(),
      environment: this.config.environment,
    };
  }

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The process lives: restart it where this fails' })
  @ApiOkResponse({ type: LivenessResponse })
  live(): LivenessResponse {
    return { status: 'ok' };
  }

  /** Ready even where modules have failed: other modules' requests are not to be turned away for those. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Every enabled module was tried, the host has caught up with the others, the database answers, and the host is not starved: send requests here',
  })
  @ApiOkResponse({ type: ReadinessResponse })
  async ready(): Promise<ReadinessResponse> {
    if (this.loader.isStopping) throw new NestdockError('HOST_STOPPING', 'The host is stopping');
    if (!this.loader.isReady) throw new NestdockError('HOST_NOT_READY', 'Enabled modules are still being loaded');
    if (!this.cluster.hasCaughtUp)
      throw new NestdockError('HOST_NOT_READY', 'This host has not caught up with the others');
    if (this.loader.isStarved) throw new NestdockError('HOST_NOT_READY', 'The event loop is held up');
    const report = await this.database.check();
    if (report.healthy) return { status: 'ready', databaseLatencyMs: report.latencyMs };
    throw new NestdockError('HOST_NOT_READY', 'The database does not answer', { cause: report.error });
  }
}

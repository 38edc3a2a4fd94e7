import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ClusterService } from '../../cluster/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { ClusterResponse } from './cluster.response.js';

@AdminController('cluster', 'Cluster')
export class ClusterController {
  constructor(private readonly cluster: ClusterService) {}

  @Get()
  @ApiOperation({ summary: 'All hosts, how far each has come with each module, and what is being brought to them' })
  @ApiOkResponse({ type: ClusterResponse })
  async get(): Promise<ClusterResponse> {
    return { hosts: await this.cluster.hosts(), rollouts: await this.cluster.rollouts() };
  }
}

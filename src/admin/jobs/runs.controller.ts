import { Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { JobsService } from '../../jobs/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { IdParams } from './job.request.js';
import { RunResponse } from './run.response.js';

@AdminController('runs', 'Jobs')
export class RunsController {
  constructor(private readonly jobs: JobsService) {}

  @Get(':id')
  @ApiOperation({ summary: 'One run with its attempts' })
  @ApiOkResponse({ type: RunResponse })
  get(@Param() { id }: IdParams): Promise<RunResponse> {
    return this.jobs.getRun(id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a run that is queued or running' })
  @ApiOkResponse({ type: RunResponse })
  cancel(@Param() { id }: IdParams): Promise<RunResponse> {
    return this.jobs.cancel(id);
  }
}

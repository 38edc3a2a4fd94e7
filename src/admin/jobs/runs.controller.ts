import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { JobsService } from '../../jobs/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { IdParams } from './job.request.js';
import { RunSearchQuery } from './run.request.js';
import { RunListResponse, RunResponse } from './run.response.js';

@AdminController('runs', 'Jobs')
export class RunsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @ApiOperation({ summary: 'Runs of all jobs, the latest first, that fit all of what is given' })
  @ApiOkResponse({ type: RunListResponse })
  search(@Query() query: RunSearchQuery): Promise<RunListResponse> {
    return this.jobs.searchRuns(query);
  }

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

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Repeat a run that ended without success: a new run, on the code that serves now' })
  @ApiAcceptedResponse({ type: RunResponse })
  retry(@Param() { id }: IdParams): Promise<RunResponse> {
    return this.jobs.retry(id);
  }
}

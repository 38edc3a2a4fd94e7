import { Body, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { JobsService } from '../../jobs/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { IdParams, JobListQuery, PatchJobRequest, RunJobRequest, RunListQuery } from './job.request.js';
import { JobListResponse, JobResponse } from './job.response.js';
import { RunListResponse, RunResponse } from './run.response.js';

@AdminController('jobs', 'Jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @ApiOperation({ summary: 'All jobs, or those of one module' })
  @ApiOkResponse({ type: JobListResponse })
  list(@Query() query: JobListQuery): Promise<JobListResponse> {
    return this.jobs.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One job' })
  @ApiOkResponse({ type: JobResponse })
  get(@Param() { id }: IdParams): Promise<JobResponse> {
    return this.jobs.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Pause or resume it, override its schedule or config; null takes an override back' })
  @ApiOkResponse({ type: JobResponse })
  patch(@Param() { id }: IdParams, @Body() changes: PatchJobRequest): Promise<JobResponse> {
    return this.jobs.patch(id, changes);
  }

  @Post(':id/run')
  @HttpCode(202)
  @ApiOperation({ summary: 'Run it now, also where it is paused' })
  @ApiBody({ type: RunJobRequest, required: false })
  @ApiAcceptedResponse({ type: RunResponse })
  run(@Param() { id }: IdParams, @Body() request: RunJobRequest): Promise<RunResponse> {
    return this.jobs.run(id, request);
  }

  @Get(':id/runs')
  @ApiOperation({ summary: 'Its runs, the latest first' })
  @ApiOkResponse({ type: RunListResponse })
  runs(@Param() { id }: IdParams, @Query() page: RunListQuery): Promise<RunListResponse> {
    return this.jobs.runs(id, page);
  }
}

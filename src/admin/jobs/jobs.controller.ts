import { Body, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { JobsService } from '../../jobs/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import {
  FireTimesQuery,
  IdParams,
  JobListQuery,
  JobsOfModuleQuery,
  PatchJobRequest,
  PatchJobsRequest,
  RunJobRequest,
  RunListQuery,
} from './job.request.js';
import { FireTimesResponse, JobListResponse, JobResponse } from './job.response.js';
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

  @Patch()
  @ApiOperation({ summary: 'Pause or resume all jobs of a module' })
  @ApiOkResponse({ type: JobListResponse })
  patchModule(@Query() { module }: JobsOfModuleQuery, @Body() changes: PatchJobsRequest): Promise<JobListResponse> {
    return this.jobs.patchModule(module, changes);
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

  @Get(':id/next')
  @ApiOperation({ summary: 'The next times at which it fires' })
  @ApiOkResponse({ type: FireTimesResponse })
  next(@Param() { id }: IdParams, @Query() query: FireTimesQuery): Promise<FireTimesResponse> {
    return this.jobs.next(id, query);
  }

  @Get(':id/runs')
  @ApiOperation({ summary: 'Its runs, the latest first' })
  @ApiOkResponse({ type: RunListResponse })
  runs(@Param() { id }: IdParams, @Query() page: RunListQuery): Promise<RunListResponse> {
    return this.jobs.runs(id, page);
  }
}

import { ApiProperty } from '@nestjs/swagger';
import { type JobView } from '../../jobs/index.js';
import { JOB_BACKOFFS, JOB_MISFIRES, JOB_OVERLAPS, JOB_WHEN_DISABLED } from '../../manifest/index.js';
import { LastRunResponse } from './run.response.js';

const TEXT_OR_NULL = { type: String, nullable: true } as const;
const VALUES = { type: 'object', additionalProperties: true } as const;

/** What an operator has set over the manifest. */
export class JobOverridesResponse {
  @ApiProperty(TEXT_OR_NULL) readonly schedule!: string | null;
  @ApiProperty(TEXT_OR_NULL) readonly timezone!: string | null;
  @ApiProperty({ ...VALUES, nullable: true }) readonly config!: Readonly<Record<string, unknown>> | null;
}

export class JobBackoffResponse {
  @ApiProperty({ enum: JOB_BACKOFFS }) readonly type!: JobView['backoff']['type'];
  @ApiProperty({ description: 'Milliseconds', example: 1000 }) readonly delay!: number;
  @ApiProperty({ minimum: 0, maximum: 1, description: 'Share that is left to chance' }) readonly jitter!: number;
}

export class JobResponse implements JobView {
  @ApiProperty({ format: 'uuid' }) readonly id!: string;
  @ApiProperty({ description: "The module's name", example: 'consumption-monitor' }) readonly module!: string;
  @ApiProperty({ description: 'Its key in the manifest', example: 'collect' }) readonly key!: string;
  @ApiProperty() readonly name!: string;
  @ApiProperty(TEXT_OR_NULL) readonly description!: string | null;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'In force; null: runs only when asked', example: '*/15 * * * *' })
  readonly schedule!: string | null;
  @ApiProperty({ example: 'UTC' }) readonly timezone!: string;
  @ApiProperty({ description: 'Whether its module is enabled' }) readonly enabled!: boolean;
  @ApiProperty({ description: 'By an operator' }) readonly paused!: boolean;
  @ApiProperty({ description: 'The manifest names it no longer' }) readonly orphaned!: boolean;
  @ApiProperty({ ...VALUES, description: 'Values in force; secrets masked' })
  readonly config!: Readonly<Record<string, unknown>>;
  @ApiProperty({ type: JobOverridesResponse }) readonly overrides!: JobOverridesResponse;
  @ApiProperty({ type: 'integer', description: 'Milliseconds' }) readonly timeout!: number;
  @ApiProperty({ type: 'integer' }) readonly retries!: number;
  @ApiProperty({ type: JobBackoffResponse }) readonly backoff!: JobBackoffResponse;
  @ApiProperty({ enum: JOB_OVERLAPS, description: 'What happens where the run before has not ended' })
  readonly overlap!: JobView['overlap'];
  @ApiProperty({ enum: JOB_MISFIRES, description: 'What happens to ticks that no host was up for' })
  readonly misfire!: JobView['misfire'];
  @ApiProperty({ enum: JOB_WHEN_DISABLED, description: 'What becomes of queued runs once its module is disabled' })
  readonly whenDisabled!: JobView['whenDisabled'];
  @ApiProperty({ description: 'A handler of it was told to stop, and goes on; reload or disable the module' })
  readonly stuck!: boolean;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date-time' }) readonly nextRunAt!: string | null;
  @ApiProperty({ type: LastRunResponse, nullable: true }) readonly lastRun!: LastRunResponse | null;
}

export class JobListResponse {
  @ApiProperty({ type: [JobResponse] }) readonly items!: readonly JobView[];
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'null: there is no further page' }) readonly nextCursor!: string | null;
}

export class FireTimesResponse {
  @ApiProperty({ type: [String], format: 'date-time', description: 'The earliest first; none where it cannot fire' })
  readonly items!: readonly string[];
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty(TEXT_OR_NULL) readonly nextCursor!: string | null;
}

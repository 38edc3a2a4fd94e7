import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type LastRunView, type RunView } from '../../jobs/index.js';
import {
  RUN_STATUSES,
  RUN_TRIGGERS,
  type RunAttempt,
  type RunAttemptError,
  type RunLogLine,
  type RunProgress,
  type RunStatus,
  type RunTrigger,
} from '../../persistence/index.js';

const TIME = { type: String, format: 'date-time' } as const;
const TIME_OR_NULL = { ...TIME, nullable: true } as const;

export class LastRunResponse implements LastRunView {
  @ApiProperty({ format: 'uuid' }) readonly id!: string;
  @ApiProperty({ enum: RUN_STATUSES, enumName: 'RunStatus' }) readonly status!: RunStatus;
  @ApiProperty({ enum: RUN_TRIGGERS, enumName: 'RunTrigger' }) readonly trigger!: RunTrigger;
  @ApiProperty({ ...TIME, description: 'The tick or request, not the start' }) readonly scheduledAt!: string;
  @ApiProperty(TIME_OR_NULL) readonly startedAt!: string | null;
  @ApiProperty(TIME_OR_NULL) readonly finishedAt!: string | null;
}

export class RunAttemptResponse implements RunAttempt {
  @ApiProperty({ type: 'integer', minimum: 1 }) readonly number!: number;
  @ApiProperty({ description: 'Id of the host it ran on' }) readonly host!: string;
  @ApiProperty(TIME) readonly startedAt!: string;
  @ApiProperty(TIME_OR_NULL) readonly finishedAt!: string | null;
  @ApiProperty({
    type: 'object',
    nullable: true,
    properties: { code: { type: 'string' }, message: { type: 'string' }, stack: { type: 'string' } },
    additionalProperties: true,
  })
  readonly error!: RunAttemptError | null;
  @ApiPropertyOptional({ description: "Cut short by a reload or the host's stop: it does not count" })
  readonly interrupted?: boolean;
}

export class RunProgressResponse implements RunProgress {
  @ApiProperty({ minimum: 0, maximum: 100 }) readonly percent!: number;
  @ApiProperty({ type: String, nullable: true }) readonly message!: string | null;
}

export class RunLogLineResponse implements RunLogLine {
  @ApiProperty(TIME) readonly time!: string;
  @ApiProperty({ enum: ['debug', 'info', 'warn', 'error'] }) readonly level!: RunLogLine['level'];
  @ApiProperty() readonly message!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One tick or request of a job, with all its attempts. */
export class RunResponse extends LastRunResponse implements RunView {
  @ApiProperty({ format: 'uuid' }) readonly jobId!: string;
  @ApiProperty({ description: "The module's name", example: 'consumption-monitor' }) readonly module!: string;
  @ApiProperty({ type: [RunAttemptResponse] }) readonly attempts!: readonly RunAttempt[];
  @ApiProperty({ type: Object, nullable: true, description: 'What the handler returned' }) readonly result!: unknown;
  @ApiProperty({ type: RunProgressResponse, nullable: true }) readonly progress!: RunProgress | null;
  @ApiProperty({ type: [RunLogLineResponse] }) readonly log!: readonly RunLogLine[];
  @ApiProperty({ type: String, nullable: true, description: 'Digest of the release whose handler ran' })
  readonly release!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The run that this one repeats' })
  readonly retryOf!: string | null;
  @ApiProperty({ description: 'A handler of it was told to stop, and goes on' }) readonly stuck!: boolean;
  @ApiProperty({ ...TIME, description: 'When it was asked for' }) readonly createdAt!: string;
}

export class RunListResponse {
  @ApiProperty({ type: [RunResponse] }) readonly items!: readonly RunView[];
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty({ type: String, nullable: true, description: 'null: there is no further page' })
  readonly nextCursor!: string | null;
}

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { type JobPatch, type RunPageRequest } from '../../jobs/index.js';

const NO_CONTROL_CHARACTERS = /^\P{Cc}*$/u;

export class IdParams {
  // What is no UUID is the id of nothing, and so a 404 rather than a mistake in the request.
  @ApiProperty({ format: 'uuid' })
  @IsString()
  readonly id!: string;
}

export class JobListQuery {
  @ApiPropertyOptional({ description: 'Name of the module whose jobs to show' })
  @IsOptional()
  @Length(1, 255)
  @Matches(NO_CONTROL_CHARACTERS)
  readonly module?: string;
}

export class JobsOfModuleQuery {
  @ApiProperty({ description: 'Name of the module', example: 'hello' })
  @Length(1, 255)
  @Matches(NO_CONTROL_CHARACTERS)
  readonly module!: string;
}

export class PatchJobsRequest {
  @ApiProperty()
  @IsBoolean()
  readonly paused!: boolean;
}

export class FireTimesQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 5 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  readonly count?: number;
}

const CONFIG = { type: 'object', additionalProperties: true, example: { batchSize: 10 } } as const;

/** What an operator sets of a job. What is left out stays; null takes an override back. */
export class PatchJobRequest implements JobPatch {
  // Not `IsOptional`, which would let null pass: there is nothing to fall back to.
  @ApiPropertyOptional()
  @ValidateIf((_request, value) => value !== undefined)
  @IsBoolean()
  readonly paused?: boolean;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Cron expression', example: '*/5 * * * *' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  readonly schedule?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Europe/Vienna' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  readonly timezone?: string | null;

  @ApiPropertyOptional({ ...CONFIG, nullable: true, description: 'Values by field, over the defaults of the manifest' })
  @IsOptional()
  @IsObject()
  readonly config?: Record<string, unknown> | null;
}

export class RunJobRequest {
  @ApiPropertyOptional({ ...CONFIG, description: 'Values by field, for this run alone' })
  @IsOptional()
  @IsObject()
  readonly config?: Record<string, unknown>;
}

export class RunListQuery implements RunPageRequest {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  readonly limit?: number;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before' })
  @IsOptional()
  @Length(1, 200)
  readonly cursor?: string;
}

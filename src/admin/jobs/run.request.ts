import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsDate, IsIn, IsOptional, Length, Matches } from 'class-validator';
import { type RunSearchRequest } from '../../jobs/index.js';
import { RUN_STATUSES, RUN_TRIGGERS, type RunStatus, type RunTrigger } from '../../persistence/index.js';
import { RunListQuery } from './job.request.js';

const NO_CONTROL_CHARACTERS = /^\P{Cc}*$/u;
const SEVERAL = 'Several: repeated, or separated by commas';

/** `?status=dead&status=timed-out` and `?status=dead,timed-out` alike. */
const Several = () =>
  Transform(({ value }: { value: unknown }) =>
    [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(',') : [item])),
  );

export class RunSearchQuery extends RunListQuery implements RunSearchRequest {
  @ApiPropertyOptional({ description: 'Name of the module' })
  @IsOptional()
  @Length(1, 255)
  @Matches(NO_CONTROL_CHARACTERS)
  readonly module?: string;

  @ApiPropertyOptional({ description: 'Id of the job, or its key in the manifest' })
  @IsOptional()
  @Length(1, 255)
  @Matches(NO_CONTROL_CHARACTERS)
  readonly job?: string;

  @ApiPropertyOptional({ enum: RUN_STATUSES, enumName: 'RunStatus', isArray: true, description: SEVERAL })
  @IsOptional()
  @Several()
  @IsIn(RUN_STATUSES, { each: true })
  readonly status?: readonly RunStatus[];

  @ApiPropertyOptional({ enum: RUN_TRIGGERS, enumName: 'RunTrigger', isArray: true, description: SEVERAL })
  @IsOptional()
  @Several()
  @IsIn(RUN_TRIGGERS, { each: true })
  readonly trigger?: readonly RunTrigger[];

  @ApiPropertyOptional({ format: 'date-time', description: 'Scheduled then or later' })
  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'from must be a date and time, such as 2026-01-31T12:00:00Z' })
  readonly from?: Date;

  @ApiPropertyOptional({ format: 'date-time', description: 'Scheduled before then' })
  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'to must be a date and time, such as 2026-01-31T12:00:00Z' })
  readonly to?: Date;
}

import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';
import { PeriodDto } from './period.dto.js';

export class ListReadingsDto extends PeriodDto {
  @ApiPropertyOptional({ description: 'Readings of this meter only' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  meterId?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 100;
}

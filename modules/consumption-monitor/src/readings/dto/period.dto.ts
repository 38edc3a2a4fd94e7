import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsOptional } from 'class-validator';

export class PeriodDto {
  @ApiPropertyOptional({ description: 'Readings from this moment on' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  from?: Date;

  @ApiPropertyOptional({ description: 'Readings up to this moment' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  to?: Date;
}

import { ApiProperty } from '@nestjs/swagger';
import { type Summary } from './summary.js';

class PowerDto {
  @ApiProperty()
  min!: number;

  @ApiProperty()
  max!: number;

  @ApiProperty()
  mean!: number;
}

class SummaryDto implements Summary {
  @ApiProperty()
  count!: number;

  @ApiProperty()
  from!: Date;

  @ApiProperty()
  to!: Date;

  @ApiProperty({ description: 'Watts' })
  powerW!: PowerDto;

  @ApiProperty({ description: 'What the register has counted up between the first and the last reading' })
  consumedKwh!: number;
}

export class MeterSummaryDto {
  @ApiProperty({ example: 'household' })
  meterId!: string;

  @ApiProperty({ type: SummaryDto, nullable: true, description: 'null where the period has no readings' })
  summary!: SummaryDto | null;
}

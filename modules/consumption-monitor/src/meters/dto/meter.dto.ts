import { ApiProperty } from '@nestjs/swagger';

class MeterDto {
  @ApiProperty({ example: 'household' })
  id!: string;

  @ApiProperty()
  firstSeenAt!: Date;

  @ApiProperty()
  lastSeenAt!: Date;
}

export class MeterListDto {
  @ApiProperty({ type: [MeterDto] })
  items!: MeterDto[];

  @ApiProperty()
  total!: number;

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: null;
}

class DailySummaryDto {
  @ApiProperty({ example: '2026-01-31', description: 'In UTC' })
  day!: string;

  @ApiProperty()
  readings!: number;

  @ApiProperty({ description: 'Watts' })
  minPowerW!: number;

  @ApiProperty({ description: 'Watts' })
  maxPowerW!: number;

  @ApiProperty({ description: 'Watts' })
  meanPowerW!: number;

  @ApiProperty({ description: 'What the register has counted up between the first and the last reading of the day' })
  consumedKwh!: number;
}

export class DailySummaryListDto {
  @ApiProperty({ type: [DailySummaryDto], description: 'The latest first' })
  items!: DailySummaryDto[];

  @ApiProperty()
  total!: number;

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: null;
}

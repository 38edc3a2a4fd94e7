import { ApiProperty } from '@nestjs/swagger';
import { type Reading } from '../reading.entity.js';

export class ReadingDto implements Reading {
  @ApiProperty({ example: 'household' })
  meterId!: string;

  @ApiProperty()
  timestamp!: Date;

  @ApiProperty({ description: 'Watts' })
  powerW!: number;

  @ApiProperty({ description: "The meter's register, in kilowatt hours" })
  energyKwh!: number;
}

export class ReadingListDto {
  @ApiProperty({ type: [ReadingDto], description: 'Newest first' })
  items!: ReadingDto[];

  @ApiProperty({ description: 'How many there are, beyond the limit too' })
  total!: number;

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: null;
}

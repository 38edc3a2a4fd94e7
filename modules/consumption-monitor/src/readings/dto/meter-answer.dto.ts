import { Type } from 'class-transformer';
import { IsDate, IsNotEmpty, IsNumber, IsString, MaxLength, Min } from 'class-validator';

/** What a meter must answer with. */
export class MeterAnswerDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  meterId!: string;

  @Type(() => Date)
  @IsDate()
  timestamp!: Date;

  @IsNumber()
  powerW!: number;

  @IsNumber()
  @Min(0)
  energyKwh!: number;
}

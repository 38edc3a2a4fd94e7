import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Length, Matches, ValidateIf } from 'class-validator';

const MIGRATION_NAME = /^[\w-]+$/;
const NAMED = { message: (): string => 'must be the name of a migration, such as 001_create_meters' };

export class RollBackRequest {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '001_create_meters',
    description: 'The last migration to keep; null or "0" takes all of them back',
  })
  @ValidateIf((_request, to) => to !== null)
  @Length(1, 120, NAMED)
  @Matches(MIGRATION_NAME, NAMED)
  readonly to!: string | null;
}

export const MIGRATION_OUTCOMES = ['done', 'pending'] as const;

export class ResolveMigrationRequest {
  @ApiProperty({ example: '004_index_readings', description: 'One whose status is `interrupted`' })
  @Length(1, 120, NAMED)
  @Matches(MIGRATION_NAME, NAMED)
  readonly migration!: string;

  @ApiProperty({ enum: MIGRATION_OUTCOMES, description: 'What it is now: `pending` has the next load apply it again' })
  @IsIn(MIGRATION_OUTCOMES)
  readonly as!: (typeof MIGRATION_OUTCOMES)[number];
}

import { ApiProperty } from '@nestjs/swagger';
import { MIGRATION_STATES, type MigrationState, type MigrationView } from '../../migrations/index.js';

export class MigrationResponse implements MigrationView {
  @ApiProperty({ example: '001_create_meters' }) readonly name!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'src/migrations/001_create_meters.sql',
    description: "From the module's folder; null where its release does not have it",
  })
  readonly file!: string | null;
  @ApiProperty({ description: "SHA-256 of the file's text" }) readonly checksum!: string;
  @ApiProperty({
    enum: MIGRATION_STATES,
    description:
      'The next load applies what is `pending`; it is refused where one is `changed`, `missing`, `out-of-order` or `interrupted`. `ahead` came with a later version; `running` is being applied outside a transaction',
  })
  readonly status!: MigrationState;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) readonly appliedAt!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Version of the module that it was applied with' })
  readonly version!: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) readonly durationMs!: number | null;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether it can be taken back; null of a class that has never run',
  })
  readonly reversible!: boolean | null;
}

export class MigrationListResponse {
  @ApiProperty({ type: [MigrationResponse], description: 'In the order that they are applied in' })
  readonly items!: readonly MigrationResponse[];
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty({ type: String, nullable: true, description: 'null: there is no further page' })
  readonly nextCursor!: string | null;
}

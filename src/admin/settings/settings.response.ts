import { ApiProperty } from '@nestjs/swagger';
import { type FieldsSchema } from '../../manifest/index.js';
import { type SettingChange } from '../../persistence/index.js';
import { type SettingsChangeView, type SettingsHistoryView, type SettingsView } from '../../settings/index.js';

const MASK = 'Secrets are masked: `********`.';

export class SettingsResponse implements SettingsView {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: `By field: what was set, else the default. ${MASK} Fields without a value are absent.`,
    example: { retentionDays: 365, apiKey: '********' },
  })
  readonly values!: Readonly<Record<string, unknown>>;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema (draft-07) of the values' })
  readonly schema!: FieldsSchema;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Counts the changes; also the ETag, for If-Match' })
  readonly revision!: number;
}

export class SettingChangeResponse implements SettingChange {
  @ApiProperty({ example: 'retentionDays' }) readonly field!: string;
  @ApiProperty({
    description: `null: nothing was set. ${MASK}`,
    nullable: true,
    type: 'object',
    additionalProperties: true,
  })
  readonly old: unknown;
  @ApiProperty({
    description: `null: nothing is set. ${MASK}`,
    nullable: true,
    type: 'object',
    additionalProperties: true,
  })
  readonly new: unknown;
}

export class SettingsChangeResponse implements SettingsChangeView {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Of the settings as this change has left them' })
  readonly revision!: number;
  @ApiProperty({ format: 'date-time' }) readonly changedAt!: string;
  @ApiProperty({ description: 'Whose token it was', example: 'admin' }) readonly changedBy!: string;
  @ApiProperty({ type: String, nullable: true }) readonly requestId!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Address that the request came from' })
  readonly address!: string | null;
  @ApiProperty({ type: [SettingChangeResponse] }) readonly changes!: readonly SettingChangeResponse[];
}

export class SettingsHistoryResponse implements SettingsHistoryView {
  @ApiProperty({ type: [SettingsChangeResponse] }) readonly items!: readonly SettingsChangeResponse[];
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty({ type: String, nullable: true }) readonly nextCursor!: string | null;
}

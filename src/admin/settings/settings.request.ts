import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Length, Max, Min } from 'class-validator';
import { type FieldValues } from '../../manifest/index.js';
import { type SettingsHistoryRequest } from '../../settings/index.js';
import { requestInvalid } from '../http/request.pipe.js';

/** Values by field: which fields there are, the module says. */
export const SETTINGS_BODY = {
  schema: {
    type: 'object',
    additionalProperties: true,
    description: 'Values by field, merged into those that are set. null takes one back; a mask leaves its secret.',
    example: { retentionDays: 90 },
  },
} as const;

/** @throws {NestdockError} REQUEST_INVALID where it is no object */
export function readSettingsBody(body: unknown): FieldValues {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as FieldValues;
  const message = 'must be an object with values by field';
  throw requestInvalid([{ code: 'FIELD_INVALID', pointer: '', message, hint: 'send such as {"retentionDays":90}' }]);
}

export class SettingsHistoryQuery implements SettingsHistoryRequest {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  readonly limit?: number;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before' })
  @IsOptional()
  @Length(1, 200)
  readonly cursor?: string;
}

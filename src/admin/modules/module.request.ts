import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsBooleanString, IsIn, IsOptional, IsString, Length, Matches, ValidateIf } from 'class-validator';
import {
  type Isolation,
  MODULE_STATUSES,
  type ModuleStatus,
  ROLLOUT_STRATEGIES,
  type RolloutStrategy,
} from '../../kernel/index.js';
import { type Basis } from '../../lifecycle/index.js';
import { MODULE_ISOLATIONS } from '../../manifest/index.js';
import { readIfMatch } from '../http/if-match.js';

/** The database takes no NUL, and no folder's name has a slash. */
const PRINTABLE = /^[^\p{Cc}/\\]*$/u;

export class ModuleNameParams {
  // Not kebab-case: a folder whose manifest is invalid is registered under the name it has.
  @ApiProperty({ example: 'hello', description: "The module's name" })
  @Length(1, 255)
  @Matches(PRINTABLE, { message: 'name must be that of a module: no slash, no control character' })
  readonly name!: string;
}

export class ModuleListQuery {
  @ApiPropertyOptional({ enum: MODULE_STATUSES })
  @IsOptional()
  @IsIn(MODULE_STATUSES)
  readonly status?: ModuleStatus;
}

export class RegisterModuleRequest {
  @ApiProperty({ description: 'Folder of the module, under one of MODULE_ROOTS', example: '/srv/modules/hello' })
  @IsString()
  @Length(1, 4096)
  @Matches(/^\P{Cc}*$/u, { message: 'path must not have control characters' })
  readonly path!: string;
}

export class EnableModuleRequest {
  @ApiPropertyOptional({
    type: [String],
    description: 'All that is granted of what the module asks for; where missing, what was granted before',
    example: ['network:outbound'],
  })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  readonly permissions?: readonly string[];
}

export class ChangeModuleRequest {
  @ApiProperty({
    enum: MODULE_ISOLATIONS,
    nullable: true,
    description: 'Where its code runs; null: where its manifest says',
  })
  @ValidateIf(({ isolation }: ChangeModuleRequest) => isolation !== null)
  @IsIn(MODULE_ISOLATIONS)
  readonly isolation!: Isolation | null;
}

export class WaitQuery {
  @ApiPropertyOptional({ enum: ['cluster'], description: 'cluster: answer once all hosts have followed' })
  @IsOptional()
  @IsIn(['cluster'])
  readonly wait?: 'cluster';
}

export class ExchangeQuery extends WaitQuery {
  @ApiPropertyOptional({
    enum: ROLLOUT_STRATEGIES,
    default: 'all',
    description: 'canary: for a share of the users first; rolling: on a share of the hosts at a time',
  })
  @IsOptional()
  @IsIn(ROLLOUT_STRATEGIES)
  readonly strategy?: RolloutStrategy;

  @ApiPropertyOptional({
    type: 'number',
    description: 'Canary: of the users, 5 by default. Rolling: of the hosts, one at least',
  })
  @IsOptional()
  @Matches(/^(100|[1-9]?\d(\.\d+)?)$/, { message: 'percent must be a number above 0 and up to 100' })
  readonly percent?: string;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Milliseconds to watch each step; ROLLOUT_WINDOW_MS by default',
  })
  @IsOptional()
  @Matches(/^[1-9]\d{0,7}$/, { message: 'windowMs must be a whole number of milliseconds, 1 to 99999999' })
  readonly windowMs?: string;

  @ApiPropertyOptional({
    type: 'number',
    description: 'Share of errors that is too much; ROLLOUT_ERROR_PERCENT by default',
  })
  @IsOptional()
  @Matches(/^(100|[1-9]?\d(\.\d+)?)$/, { message: 'errorPercent must be a number from 0 to 100' })
  readonly errorPercent?: string;
}

export class RollBackModuleRequest {
  @ApiProperty({ description: 'SHA-256 of the bundle, as hex: `bundle` of the module when it served it' })
  @Matches(/^[0-9a-f]{64}$/, { message: 'hash must be the SHA-256 of a bundle, 64 hexadecimal digits' })
  readonly hash!: string;
}

export class DisableModuleQuery extends WaitQuery {
  @ApiPropertyOptional({ type: Boolean, description: 'Also disable the modules that need this one' })
  @IsOptional()
  @IsBooleanString()
  readonly cascade?: string;
}

export class ForgetModuleQuery {
  @ApiPropertyOptional({ type: Boolean, description: 'Also drop its tables, settings, jobs, runs and bundle' })
  @IsOptional()
  @IsBooleanString()
  readonly purge?: string;

  @ApiPropertyOptional({ description: 'The name once more, to confirm a purge' })
  @IsOptional()
  @IsString()
  readonly confirm?: string;
}

/** @throws {NestdockError} REQUEST_INVALID */
export function readBasis(ifMatch: string | undefined): Basis {
  const revision = readIfMatch(ifMatch);
  return revision === undefined ? {} : { revision };
}

/** What `@IsBooleanString()` takes for true. */
export const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1';

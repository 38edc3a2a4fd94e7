import { ApiProperty, OmitType } from '@nestjs/swagger';
import {
  type Isolation,
  MODULE_STATES,
  MODULE_STATUSES,
  type ModuleState,
  type ModuleStatus,
} from '../../kernel/index.js';
import { type HostStats, type ModuleView, type ScanReport } from '../../lifecycle/index.js';
import { type Manifest, MODULE_ISOLATIONS } from '../../manifest/index.js';
import { RESOURCE_KINDS } from '../../resources/index.js';
import { InputProblemResponse, ProblemResponse } from '../http/problem.response.js';

export class ModuleRouteResponse {
  @ApiProperty({ example: 'GET' }) readonly method!: string;
  @ApiProperty({ example: '/api/v1/m/hello/greet/:who' }) readonly path!: string;
}

export class QuarantineResponse {
  @ApiProperty({ type: String, format: 'date-time' }) readonly since!: string;
  @ApiProperty({ type: ProblemResponse }) readonly reason!: ProblemResponse;
}

export class IncidentCountsResponse {
  @ApiProperty({ type: 'integer' }) readonly crashes!: number;
  @ApiProperty({ type: 'integer' }) readonly timeouts!: number;
  @ApiProperty({ type: 'integer' }) readonly errors!: number;
}

/** One module, whole. */
export class ModuleResponse implements ModuleView {
  @ApiProperty({ example: 'consumption-monitor' }) readonly name!: string;
  @ApiProperty({ type: String, nullable: true, example: '1.0.0' }) readonly version!: string | null;
  @ApiProperty() readonly displayName!: string;
  @ApiProperty() readonly description!: string;
  @ApiProperty({ enum: MODULE_STATUSES, description: 'What should be, on every host' }) readonly status!: ModuleStatus;
  @ApiProperty({ type: 'integer', description: 'Rises with each change; a change may be based on it by If-Match' })
  readonly revision!: number;
  @ApiProperty({ enum: MODULE_STATES, description: 'What is, on this host' }) readonly state!: ModuleState;
  @ApiProperty({ type: ProblemResponse, nullable: true, description: 'What it failed with last' })
  readonly error!: ProblemResponse | null;
  @ApiProperty({ type: [ModuleRouteResponse], description: 'What answers now' })
  readonly routes!: readonly ModuleRouteResponse[];
  @ApiProperty({ type: [String], description: 'Keys of the jobs' }) readonly jobs!: readonly string[];
  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of the compiled code' })
  readonly bundle!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Digest over all that the version consists of' })
  readonly release!: string | null;
  @ApiProperty({ description: "The module's folder" }) readonly path!: string;
  @ApiProperty({ type: [String], description: 'What its manifest asks for' }) readonly permissions!: readonly string[];
  @ApiProperty({ type: [String], nullable: true, description: 'What of that is granted; null: it was never enabled' })
  readonly grantedPermissions!: readonly string[] | null;
  @ApiProperty({ enum: MODULE_ISOLATIONS, description: 'Where its code runs, or will' }) readonly isolation!: Isolation;
  @ApiProperty({ enum: MODULE_ISOLATIONS, nullable: true, description: 'What an operator has decided of that' })
  readonly isolationOverride!: Isolation | null;
  @ApiProperty({ type: QuarantineResponse, nullable: true, description: 'Why it was taken out' })
  readonly quarantine!: QuarantineResponse | null;
  @ApiProperty({ type: IncidentCountsResponse, description: 'What it did wrong on this host lately' })
  readonly incidents!: IncidentCountsResponse;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Counts the loads on this host' })
  readonly generation!: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) readonly loadedAt!: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'See /schemas/manifest.json',
  })
  readonly manifest!: Manifest | null;
}

/** A module as lists show it: without its manifest. */
export class ModuleListItem extends OmitType(ModuleResponse, ['manifest'] as const) {}

export class ModuleListResponse {
  @ApiProperty({ type: [ModuleListItem] }) readonly items!: readonly ModuleListItem[];
  @ApiProperty({ type: 'integer' }) readonly total!: number;
  @ApiProperty({ type: String, nullable: true, description: 'null: there is no further page' })
  readonly nextCursor!: string | null;
}

export class EventLoopDelayResponse {
  @ApiProperty({ type: 'integer' }) readonly p50!: number;
  @ApiProperty({ type: 'integer' }) readonly p99!: number;
  @ApiProperty({ type: 'integer' }) readonly max!: number;
}

export class EventLoopResponse {
  @ApiProperty({ type: EventLoopDelayResponse, description: 'Milliseconds that it was late' })
  readonly delayMs!: EventLoopDelayResponse;
  @ApiProperty({ description: 'Share of the time that it was at work' }) readonly utilization!: number;
  @ApiProperty({ description: 'The host has too little of the processor; it is not ready then' })
  readonly isStarved!: boolean;
}

export class HostMemoryResponse {
  @ApiProperty({ type: 'integer' }) readonly rssBytes!: number;
  @ApiProperty({ type: 'integer' }) readonly heapUsedBytes!: number;
}

export class ModuleStatsResponse implements HostStats {
  @ApiProperty({ type: 'integer', description: 'Modules that serve' }) readonly modules!: number;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, description: 'Modules by state' })
  readonly states!: Readonly<Partial<Record<ModuleState, number>>>;
  @ApiProperty({ type: 'integer' }) readonly routes!: number;
  @ApiProperty({ type: 'integer' }) readonly jobs!: number;
  @ApiProperty({ type: 'integer', description: 'Those that serve and those that drain' }) readonly generations!: number;
  @ApiProperty({ type: 'integer' }) readonly requestsInFlight!: number;
  @ApiProperty({ type: 'integer' }) readonly runsInFlight!: number;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: "Errors that nothing caught, and refused calls, by module; since the host's start",
  })
  readonly faults!: Readonly<Record<string, number>>;
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: Object.fromEntries(RESOURCE_KINDS.map((kind) => [kind, { type: 'integer' }])),
    },
    description: "What the host had to end at unload, by module and kind; since the host's start",
  })
  readonly leftBehind!: HostStats['leftBehind'];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Unloaded generations whose code is still in memory, by module',
  })
  readonly leaking!: Readonly<Record<string, number>>;
  @ApiProperty({ type: EventLoopResponse, description: 'Of the last second' }) readonly eventLoop!: EventLoopResponse;
  @ApiProperty({ type: HostMemoryResponse }) readonly memory!: HostMemoryResponse;
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: {
        times: { type: 'integer' },
        longestMs: { type: 'integer' },
        at: { type: 'string', nullable: true, description: 'Place in the code, the last time' },
      },
    },
    description: "Who has blocked the event loop, by module; since the host's start",
  })
  readonly blocked!: HostStats['blocked'];
}

export class ScanResponse implements ScanReport {
  @ApiProperty({ type: [String], description: 'Found for the first time' }) readonly registered!: string[];
  @ApiProperty({ type: [String], description: 'Changed since the last scan' }) readonly updated!: string[];
  @ApiProperty({ type: [String], description: 'Registered, and their folder is gone' }) readonly missing!: string[];
  @ApiProperty({ type: [String], description: 'Found with problems; see the `error` of each' })
  readonly invalid!: string[];
}

export class ValidationResponse {
  @ApiProperty() readonly valid!: boolean;
  @ApiProperty({ type: [InputProblemResponse] }) readonly problems!: readonly InputProblemResponse[];
}

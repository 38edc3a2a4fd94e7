import { ApiProperty } from '@nestjs/swagger';
import { type HostModuleView, type HostView, type RolloutView } from '../../cluster/index.js';
import { MODULE_STATES, type ModuleState, ROLLOUT_STRATEGIES } from '../../kernel/index.js';
import { ProblemResponse } from '../http/problem.response.js';

class HostModuleResponse implements HostModuleView {
  @ApiProperty() readonly name!: string;
  @ApiProperty({ enum: MODULE_STATES }) readonly state!: ModuleState;
  @ApiProperty({ type: 'integer', description: 'Revision of the module that the host has made true' })
  readonly revision!: number;
  @ApiProperty({ type: 'integer', nullable: true }) readonly generation!: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'Digest of what serves there' })
  readonly release!: string | null;
  @ApiProperty({ type: 'integer', description: 'Revision of the settings that it has there' })
  readonly settings!: number;
  @ApiProperty({ type: ProblemResponse, nullable: true, description: 'What went wrong with it there last' })
  readonly error!: ProblemResponse | null;
}

class HostResponse implements HostView {
  @ApiProperty() readonly id!: string;
  @ApiProperty({ description: 'Of Nestdock' }) readonly version!: string;
  @ApiProperty({ example: 'http://10.0.0.4:4000' }) readonly address!: string;
  @ApiProperty({ format: 'date-time' }) readonly startedAt!: string;
  @ApiProperty({ format: 'date-time' }) readonly seenAt!: string;
  @ApiProperty({
    enum: ['live', 'behind', 'lost'],
    description: 'behind: it is still following; lost: not seen lately, nobody waits for it',
  })
  readonly state!: HostView['state'];
  @ApiProperty({ type: 'integer', description: 'Modules that it has not caught up with' }) readonly lag!: number;
  @ApiProperty({ type: [HostModuleResponse] }) readonly modules!: readonly HostModuleResponse[];
}

class RolloutResponse implements RolloutView {
  @ApiProperty({ format: 'uuid' }) readonly id!: string;
  @ApiProperty() readonly module!: string;
  @ApiProperty({ description: 'Digest of what is to serve' }) readonly release!: string;
  @ApiProperty({ description: 'Id of the host that leads it' }) readonly host!: string;
  @ApiProperty({ enum: ROLLOUT_STRATEGIES }) readonly strategy!: RolloutView['strategy'];
  @ApiProperty({ type: 'number', nullable: true, description: 'Of the users, on the hosts that try it' })
  readonly percent!: number | null;
  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Ids of the hosts that try it; null: all, or none as yet',
  })
  readonly hosts!: readonly string[] | null;
  @ApiProperty({ type: 'integer', description: 'That it was given on trial' }) readonly requests!: number;
  @ApiProperty({ type: 'integer' }) readonly errors!: number;
}

export class ClusterResponse {
  @ApiProperty({ type: [HostResponse] }) readonly hosts!: readonly HostResponse[];
  @ApiProperty({ type: [RolloutResponse] }) readonly rollouts!: readonly RolloutResponse[];
}

import { ApiProperty } from '@nestjs/swagger';
import { type HostModuleView, type HostView } from '../../cluster/index.js';
import { MODULE_STATES, type ModuleState } from '../../kernel/index.js';

class HostModuleResponse implements HostModuleView {
  @ApiProperty() readonly name!: string;
  @ApiProperty({ enum: MODULE_STATES }) readonly state!: ModuleState;
  @ApiProperty({ type: 'integer', description: 'Revision of the module that the host has made true' })
  readonly revision!: number;
  @ApiProperty({ type: 'integer', nullable: true }) readonly generation!: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'Digest of what serves there' })
  readonly release!: string | null;
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

export class ClusterResponse {
  @ApiProperty({ type: [HostResponse] }) readonly hosts!: readonly HostResponse[];
}

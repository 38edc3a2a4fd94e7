import { ApiProperty } from '@nestjs/swagger';
import { HOST_EVENT_TYPES, type HostEvent, type HostEventType } from '../../kernel/index.js';

export class EventResponse implements HostEvent {
  @ApiProperty({ description: 'Unique and opaque' }) readonly id!: string;
  @ApiProperty({ enum: HOST_EVENT_TYPES }) readonly type!: HostEventType;
  @ApiProperty({ format: 'date-time' }) readonly time!: string;
  @ApiProperty({ description: 'Id of the host it happened on' }) readonly host!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { module: 'hello', from: 'idle', to: 'loading' },
  })
  readonly data!: HostEvent['data'];
}

import { type BeforeApplicationShutdown, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { EVENT_BUS, type EventBus } from '../../kernel/index.js';
import { AdminController } from '../http/host-controller.decorator.js';
import { EventResponse } from './event.response.js';
import { EventStream } from './event-stream.js';

const MEDIA_TYPE = 'text/event-stream';
const HEADERS = {
  'content-type': MEDIA_TYPE,
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
  // Kept alive after the stream's end, it would hold up a server that closes.
  connection: 'close',
};
/** Longer ones are none of ours. */
const LONGEST_ID = 100;

@AdminController('events', 'Events')
export class EventsController implements BeforeApplicationShutdown {
  readonly #streams = new Set<EventStream>();

  constructor(@Inject(EVENT_BUS) private readonly events: EventBus) {}

  @Get()
  @ApiOperation({
    summary: 'What happens to modules, jobs and runs, as it happens',
    description:
      'Server-sent events. A client that comes back with `Last-Event-ID` gets what it has missed; where that is not ' +
      'known any more, an `events.gap` tells it to read anew what it shows.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Id of the last event that was seen' })
  @ApiProduces(MEDIA_TYPE)
  @ApiOkResponse({ type: EventResponse, description: 'One of these in the `data` of each event' })
  stream(@Res() reply: FastifyReply, @Headers('last-event-id') lastId?: string): void {
    const stream = new EventStream();
    const after = lastId ? lastId.slice(0, LONGEST_ID) : undefined;
    const unsubscribe = this.events.subscribe((event) => stream.send(event), after);
    this.#streams.add(stream);
    stream.once('close', () => {
      unsubscribe();
      this.#streams.delete(stream);
    });
    void reply.headers(HEADERS).send(stream);
  }

  /** A connection that goes on would keep the server from closing. */
  beforeApplicationShutdown(): void {
    for (const stream of this.#streams) stream.end();
  }
}

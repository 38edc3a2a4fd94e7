import { type HttpServer } from '@nestjs/common';
import { type FastifyReply } from 'fastify';

/** An adapter for handlers that may answer by themselves: what they return is sent only where they have not. */
export function respectSentReplies(adapter: HttpServer): HttpServer {
  const reply = (response: FastifyReply, body: unknown, status?: number): unknown =>
    response.sent ? response : (adapter.reply(response, body, status) as unknown);
  return Object.create(adapter, { reply: { value: reply } }) as HttpServer;
}

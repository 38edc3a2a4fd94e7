/**
 * A process with a plain Nest application, set up as the host sets up its own, and nothing of the host besides. Tells its
 * URL, then answers each message with the processor time it has used.
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import { pino } from 'pino';
import { SECURITY_HEADERS } from '../../src/admin/index.js';
import GreeterModule from './greeter-module.js';

const adapter = new FastifyAdapter({
  loggerInstance: pino({ level: 'warn' }),
  logController: new LogController({ disableRequestLogging: true }),
  requestIdHeader: 'x-request-id',
  genReqId: () => randomUUID(),
});
const app = await NestFactory.create<NestFastifyApplication>(GreeterModule, adapter, { logger: ['warn', 'error'] });
await app.register(helmet, SECURITY_HEADERS);
const fastify = adapter.getInstance();
fastify.get<{ Params: { who: string } }>('/bare/greet/:who', async ({ params }) => ({
  greeting: `Hello, ${params.who}!`,
}));
await app.listen(0, '127.0.0.1');
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());
process.send?.(await app.getUrl());

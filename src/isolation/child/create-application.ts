import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import process from 'node:process';
import { createLogger } from '../../common/logging/logger.js';
import { NestLogger } from '../../common/logging/nest-logger.js';
import { SecretRegistry } from '../../common/redaction/secret-registry.js';
import { type FromChild, type LoadOrder } from '../protocol.js';
import { ChildFastifyAdapter } from './child-fastify.adapter.js';
import { ChildModule } from './child.module.js';

/** The application that a module is composed in: the host's, but for what is the host's alone. It does not listen yet. */
export async function createApplication(
  order: LoadOrder,
  send: (message: FromChild) => void,
): Promise<NestFastifyApplication> {
  const secrets = new SecretRegistry();
  // Read and written anew by the host, which knows the secrets.
  const logger = createLogger({ level: order.config.logLevel, pretty: false, secrets, destination: process.stdout });
  const app = await NestFactory.create<NestFastifyApplication>(
    ChildModule.forRoot({ order, logger, secrets, send }),
    new ChildFastifyAdapter(logger),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  await app.init();
  return app;
}

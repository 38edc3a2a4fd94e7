import helmet from '@fastify/helmet';
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { AdminModule, HostFastifyAdapter, SECURITY_HEADERS, setUpApiDocument } from '../../src/admin/index.js';
import { AuthModule } from '../../src/auth/index.js';
import { LOGGER } from '../../src/common/logging/logger.js';
import { EVENT_BUS } from '../../src/kernel/index.js';
import { HostEventBus } from './events.js';
import { FakeSettings } from './fake-settings.js';
import { HOST_CONFIG } from '../../src/config/index.js';

export const ADMIN_TOKEN = 'correct-horse-battery';
export const AUTHORIZED = { authorization: `Bearer ${ADMIN_TOKEN}` };

const CONFIG = {
  adminToken: ADMIN_TOKEN,
  dataDir: '/nowhere',
  environment: 'test',
  rollout: { windowMs: 60_000, errorPercent: 5, userHeader: undefined },
};

@Global()
@Module({})
class ServicesModule {
  static of(providers: Provider[]): DynamicModule {
    const all = [
      { provide: LOGGER, useValue: pino({ level: 'silent' }) },
      { provide: EVENT_BUS, useValue: new HostEventBus('test', () => undefined) },
      { provide: HOST_CONFIG, useValue: CONFIG },
      new FakeSettings().provider,
      ...providers,
    ];
    return { module: ServicesModule, providers: all, exports: all };
  }
}

/** The host's own routes over the services given, wired as the host wires them; it does not listen yet. */
export async function adminApp(services: Provider[]): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    {
      module: class AppModule {},
      imports: [ServicesModule.of(services), AuthModule, AdminModule.forRoot({ imports: [] })],
    },
    new HostFastifyAdapter(pino({ level: 'silent' })),
    { logger: false },
  );
  await app.register(helmet, SECURITY_HEADERS);
  setUpApiDocument(app);
  await app.init();
  return app;
}

import { randomUUID } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import { HostFastifyAdapter, redactProblems, SECURITY_HEADERS, setUpApiDocument } from './admin/index.js';
import { AppModule } from './app.module.js';
import { type Logger } from './common/logging/logger.js';
import { NestLogger } from './common/logging/nest-logger.js';
import { SecretRegistry } from './common/redaction/secret-registry.js';
import { holdDtosWeakly } from './composition/class-metadata.js';
import { ClusterService } from './cluster/index.js';
import { type HostConfig } from './config/index.js';
import { type FaultKind, spreadNet } from './faults/index.js';
import { ModuleLoaderService, ModuleRegistryService, ModuleWatcher } from './lifecycle/index.js';
import { watchProcess } from './resources/index.js';
import { Watchdog } from './vitals/index.js';

/** What is still connected then is cut: one that was opened and never used would hold up the server for ever (ms). */
const CLOSE_WITHIN_MS = 1_000;

export interface StartOptions {
  /** Reload modules as soon as their files change. */
  readonly watchModules?: boolean;
}

/** A host that is composed, but does not listen yet. */
export interface Host {
  readonly app: NestFastifyApplication;
  readonly logger: Logger;
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  readonly url: () => string;
  /** Listens, then finds and loads modules; resolves once every enabled one was tried. */
  start(options?: StartOptions): Promise<void>;
  /**
   * Keeps the faults of modules from ending the process, which must be the host's alone.
   * @param onHostFault told of what no module can be blamed for; the host should end then
   */
  guardProcess(onHostFault: (error: Error, kind: FaultKind) => void): void;
  /** Drains every module, then closes the server and the database. */
  stop(): Promise<void>;
}

/** One that listens everywhere is reached by its name. */
function reachableAt(url: string): string {
  const address = new URL(url);
  if (address.hostname === '0.0.0.0' || address.hostname === '[::]') address.hostname = hostname();
  return address.origin;
}

/** @param secrets those that `logger` leaves out of its lines, where it does */
export async function createHost(config: HostConfig, logger: Logger, secrets = new SecretRegistry()): Promise<Host> {
  holdDtosWeakly();
  const adapter = new HostFastifyAdapter(logger, {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config, logger, secrets), adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  await app.register(helmet, SECURITY_HEADERS);
  if (config.corsOrigins.length > 0) app.enableCors({ origin: [...config.corsOrigins], credentials: true });
  redactProblems(app, secrets);
  setUpApiDocument(app);
  await app.init();

  const loader = app.get(ModuleLoaderService);
  const watcher = app.get(ModuleWatcher);
  const cluster = app.get(ClusterService);
  logger.info('Module loader initialized');
  const url = () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  };
  return {
    app,
    logger,
    url,
    guardProcess(onHostFault) {
      spreadNet(app, onHostFault);
      watchProcess(app);
      app.get(Watchdog).watch();
    },
    async start({ watchModules = false } = {}) {
      await app.listen(config.port, config.host);
      const registry = app.get(ModuleRegistryService);
      await cluster.join(reachableAt(url()));
      await registry.sweep();
      await registry.scan();
      await loader.loadEnabledModules();
      await cluster.catchUp();
      if (watchModules) await watcher.start();
    },
    async stop() {
      await watcher.stop();
      // A database that is away must not keep modules from draining.
      await Promise.all([cluster.leave(), loader.stop()]);
      const server = app.getHttpServer();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await app.close();
      clearTimeout(cut);
    },
  };
}

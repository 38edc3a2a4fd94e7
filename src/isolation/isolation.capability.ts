import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { ModuleScopes } from '../bundling/compiler/module-scopes.js';
import { HostUrl } from '../composition/index.js';
import { createModuleLogger } from '../composition/module-logger.js';
import { type Undo } from '../common/undo-stack.js';
import { type EntityManager } from 'typeorm';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import {
  type Capability,
  type Generation,
  type Incident,
  INCIDENTS,
  type Incidents,
  type ModuleCode,
  type ModuleFunction,
  type Release,
} from '../kernel/index.js';
import { ModuleAccess, type ModuleConnection } from '../persistence/index.js';
import { refuseLinksOut } from './host/links-out.js';
import { type ModuleUser } from './host/module-users.js';
import { Spawner } from './host/spawner.js';
import { type JobContext } from '../sdk/index.js';
import { RemoteContext } from './host/remote-context.js';
import { Supervisor } from './host/supervisor.js';
import { childConfig } from './host/child-config.js';
import { type LoadOrder } from './protocol.js';

/** What a process takes longer over than the module itself: to start, and to import packages. */
const START_GRACE_MS = 20_000;

/** What the processes of one generation have in common. */
interface Surroundings {
  readonly packageFolders: readonly string[];
  readonly user: ModuleUser | undefined;
  readonly connection: ModuleConnection;
}

/** Has a module's code run in a process of its own: all that is attached in the host for others, is attached there. */
@Injectable()
export class IsolationCapability implements Capability {
  readonly name = 'isolation';
  readonly isolation = 'process';
  readonly attachTimeoutMs: number;
  readonly #supervisors = new Map<Generation, Supervisor>();

  constructor(
    private readonly spawner: Spawner,
    private readonly access: ModuleAccess,
    private readonly scopes: ModuleScopes,
    private readonly hostUrl: HostUrl,
    @Inject(INCIDENTS) private readonly incidents: Incidents,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.attachTimeoutMs = config.loadTimeoutMs + config.migrationTimeoutMs + START_GRACE_MS;
  }

  /** @throws what the module fails to load with, LINK_LEAVES_FOLDER, MODULE_CRASHED or MODULE_PROCESS_FAILED */
  async attach(generation: Generation): Promise<Undo> {
    const { packageFolders } = await this.scopes.of(generation.release.folder);
    const mayRead = generation.permissions.includes('filesystem:read');
    if (!mayRead) await refuseLinksOut(generation.release.folder, packageFolders);
    const user = await this.spawner.userFor(generation, packageFolders);
    const access = await this.access.open(generation.name, user);
    const supervisor = this.#supervise(generation, { packageFolders, user, connection: access.connection });
    this.#supervisors.set(generation, supervisor);
    const unsubscribe = generation.part('settings').onChange((values) => supervisor.takeSettings({ ...values }));
    const takeBack = async () => {
      unsubscribe();
      this.#supervisors.delete(generation);
      const failures = await supervisor.end();
      await access.close();
      const words = failures.map(({ message }) => message).join('; ');
      if (failures.length > 0) throw new AggregateError(failures, `${generation.id} did not stop: ${words}`);
    };
    try {
      const { routes } = await supervisor.start();
      generation.provide('requests', { routes: [], plugin: { listener: supervisor.forward, routes } });
      generation.provide('apiDocument', () => supervisor.describe());
    } catch (error) {
      await takeBack();
      throw error;
    }
    generation.provide('code', remoteCode(supervisor));
    const moduleLogger = createModuleLogger(this.logger.child({ module: generation.name }));
    generation.provide('context', new RemoteContext(generation, moduleLogger, () => this.hostUrl.get()));
    return takeBack;
  }

  serve(generation: Generation): () => void {
    const supervisor = this.#supervisors.get(generation);
    if (!supervisor) throw new Error(`${generation.id} has no process`);
    supervisor.serve();
    return () => supervisor.stopIntake();
  }

  /** The module's role goes with all that it owns. */
  async purge(moduleName: string, transaction: EntityManager): Promise<void> {
    await this.access.drop(moduleName, transaction);
  }

  #supervise(generation: Generation, { packageFolders, user, connection }: Surroundings): Supervisor {
    const { logger, incidents, config } = this;
    const { loadTimeoutMs, drainTimeoutMs } = config;
    const settings = () => ({ ...generation.part('settings').values });
    const order = (socketPath: string): LoadOrder => ({
      release: withoutLimits(generation.release),
      generation: generation.number,
      permissions: generation.permissions,
      deadlines: { loadTimeoutMs, drainTimeoutMs },
      config: childConfig(config, this.hostUrl.get(), packageFolders),
      connection,
      socketPath,
      settings: settings(),
      fallsBack: generation.part('fallsBack'),
    });
    const onIncident = (incident: Incident) => incidents.report(incident);
    const spawn = () => this.spawner.spawn({ generation, packageFolders, user, onIncident });
    return new Supervisor({ generation, logger, incidents, order, settings, spawn, loadTimeoutMs });
  }
}

/** The host holds requests to them before they reach the process. */
function withoutLimits(release: Release): Release {
  const { limits: _limits, ...manifest } = release.manifest;
  return { ...release, manifest };
}

/** Handlers of jobs are called where the code is. */
function remoteCode(supervisor: Supervisor): ModuleCode {
  return {
    entry: undefined,
    handler: (reference): ModuleFunction => {
      const call = ({ job, idempotencyKey, signal, progress, logger }: JobContext) =>
        supervisor.run(reference, { job: { ...job }, idempotencyKey }, signal, { progress, logger });
      return (context) => call(context as JobContext);
    },
    exportsOf: (file) => {
      throw new Error(`what ${file} exports is in another process`);
    },
  };
}

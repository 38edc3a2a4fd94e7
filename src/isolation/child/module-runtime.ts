import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { channel } from 'node:diagnostics_channel';
import { join } from 'node:path';
import pg from 'pg';
import { CHECKPOINT_CHANNEL, type Checkpoint } from '../../common/checkpoint.js';
import {
  attachGeneration,
  CAPABILITIES,
  type Capability,
  Generation,
  type LoadedGeneration,
} from '../../kernel/index.js';
import { spreadNet } from '../../faults/index.js';
import { SOCKET_NAME } from '../../persistence/index.js';
import { watchProcess } from '../../resources/index.js';
import { type FromChild, type Loaded, type LoadOrder, type ToChild } from '../protocol.js';
import { createApplication } from './create-application.js';
import { FedSettings } from './fed-settings.js';
import { type Endpoint, guardNetwork } from './network-guard.js';
import { JobCalls } from './job-calls.js';
import { packError } from '../sent-error.js';

/** The host's part that runs in a module's process: loads one release, and does what the host says. */
export class ModuleRuntime {
  #app: NestFastifyApplication | undefined;
  #loaded: LoadedGeneration | undefined;
  #settings: FedSettings | undefined;
  #jobs: JobCalls | undefined;

  constructor(
    private readonly order: LoadOrder,
    private readonly send: (message: FromChild) => void,
  ) {}

  /** @throws what the load failed with; nothing is left of it then */
  async load(): Promise<Loaded> {
    const { order, send } = this;
    const onCheckpoint = (message: unknown) => send({ type: 'checkpoint', step: (message as Checkpoint).step });
    channel(CHECKPOINT_CHANNEL).subscribe(onCheckpoint);
    guardNetwork({ permissions: order.permissions, database: databaseEndpoint(order), socketPath: order.socketPath });
    const app = (this.#app = await createApplication(order, send));
    spreadNet(app, (error) => {
      throw error;
    });
    watchProcess(app);
    const generation = new Generation(order.release, order.generation);
    const capabilities = app.get<readonly Capability[]>(CAPABILITIES);
    this.#loaded = await attachGeneration(generation, capabilities, order.deadlines, () => undefined);
    this.#settings = app.get(FedSettings);
    this.#jobs = new JobCalls(generation, send);
    await app.listen({ path: order.socketPath });
    return { routes: routesOf(generation) };
  }

  async obey(message: Exclude<ToChild, { type: 'load' | 'end' }>): Promise<void> {
    if (message.type === 'serve') this.#loaded?.serve();
    else if (message.type === 'stop-intake') this.#loaded?.stopIntake();
    else if (message.type === 'settings') await this.#settings?.take(message.id, message.values);
    else if (message.type === 'run') await this.#jobs?.run(message.id, message.handler, message.run);
    else if (message.type === 'describe') await this.#describe(message.id);
    else this.#jobs?.abort(message.id, message.reason);
  }

  async #describe(id: number): Promise<void> {
    try {
      const value = await this.#loaded?.generation.part('apiDocument')();
      this.send({ type: 'returned', id, value });
    } catch (error) {
      this.send({ type: 'threw', id, error: packError(error) });
    }
  }

  /** @returns what could not be taken back */
  async end(): Promise<Error[]> {
    this.#loaded?.stopIntake();
    const failures = (await this.#loaded?.discard()) ?? [];
    await this.#app?.close();
    return failures;
  }
}

/** As `pg` comes to it, by the URL and its own defaults. */
function databaseEndpoint({ connection }: LoadOrder): Endpoint {
  if (connection.kind === 'embedded') return { path: join(connection.folder, SOCKET_NAME) };
  const { host, port } = new pg.Client({ connectionString: connection.url });
  return host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port };
}

function routesOf(generation: Generation): Loaded['routes'] {
  const { routes, plugin } = generation.part('requests');
  return [...routes, ...(plugin?.routes ?? [])].map(({ method, path }) => ({ method, path }));
}

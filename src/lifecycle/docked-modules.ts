import { Inject, Injectable } from '@nestjs/common';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { CAPABILITIES, type Capability, EVENT_BUS, type EventBus, type Generation } from '../kernel/index.js';
import { DockedModule } from './docked-module.js';
import { LoadJournal } from './load-journal.js';
import { type StateChange } from './module-lifecycle.js';

/** The modules that this host knows of, and the one way to operate on them: one operation at a time on each. */
@Injectable()
export class DockedModules {
  readonly #modules = new Map<string, DockedModule>();
  #closed = false;

  constructor(
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
    private readonly journal: LoadJournal,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get isClosed(): boolean {
    return this.#closed;
  }

  all(): DockedModule[] {
    return [...this.#modules.values()];
  }

  get(name: string): DockedModule | undefined {
    return this.#modules.get(name);
  }

  serving(name: string): Generation | undefined {
    return this.#modules.get(name)?.lifecycle.serving;
  }

  forget(name: string): void {
    this.#modules.delete(name);
  }

  /** New operations are refused from now on; those under way go on. */
  close(): void {
    this.#closed = true;
  }

  /** @throws HOST_STOPPING */
  assertOpen(): void {
    if (this.#closed) throw new NestdockError('HOST_STOPPING', 'the host takes no more operations');
  }

  /**
   * Runs an operation once those on the same module that were asked for before have ended; see OperationQueue. One
   * operation may wait for others only on modules that its own module needs: so no two wait for each other.
   * @throws HOST_STOPPING
   */
  async run<T>(name: string, kind: string, operation: (docked: DockedModule) => Promise<T>): Promise<T> {
    this.assertOpen();
    return this.takeBack(name, kind, operation);
  }

  /** As {@link run}, and also while the host stops: for what must not stay as it is. */
  takeBack<T>(name: string, kind: string, operation: (docked: DockedModule) => Promise<T>): Promise<T> {
    const docked = this.#modules.get(name) ?? this.#dock(name);
    return docked.operations.run(kind, () => this.#known(docked, operation(docked)));
  }

  /** A name that nobody has registered leaves no trace here. */
  async #known<T>({ lifecycle }: DockedModule, outcome: Promise<T>): Promise<T> {
    try {
      return await outcome;
    } catch (error) {
      if (error instanceof NestdockError && error.code === 'MODULE_NOT_FOUND') this.forget(lifecycle.name);
      throw error;
    }
  }

  #dock(name: string): DockedModule {
    const { loadTimeoutMs, drainTimeoutMs } = this.config;
    const docked = new DockedModule(name, {
      capabilities: this.capabilities,
      deadlines: { loadTimeoutMs, drainTimeoutMs },
      onChange: (change) => this.#onChange(change),
      onAttach: (generation) => this.journal.begin(generation),
      onLateFailure: (module, error) => this.logger.warn({ module, err: error }, 'a step that was given up has failed'),
    });
    this.#modules.set(name, docked);
    return docked;
  }

  #onChange({ module, from, to }: StateChange): void {
    this.logger.info({ module, from, to }, `${module} is ${to}`);
    this.events.publish('module.state', { module, from, to });
  }
}

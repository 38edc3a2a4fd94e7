import { codedError } from '../common/errors/failure-problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Logger } from '../common/logging/logger.js';
import { Semaphore } from '../common/semaphore.js';
import { type ModuleStatus, type Release } from '../kernel/index.js';
import { DependencyClaims, type GivenBack } from './dependency-claims.js';
import { dependencyFailed } from './lifecycle-errors.js';
import { type ModuleDependencies, type Needs } from './module-dependencies.js';
import { sideBySide } from './side-by-side.js';

/** How many modules are built and attached at once where one call loads many. */
export const PARALLEL_LOADS = 8;

/** The operations on single modules, each in that module's queue. */
export interface NeededOperations {
  /** @returns whether it was not enabled before */
  enable(name: string): Promise<boolean>;
  /** @returns whether it serves now */
  load(name: string): Promise<boolean>;
  /** Makes a module what it was, unless others need it. @throws DEPENDENTS_ENABLED */
  giveBack(name: string, status: ModuleStatus): Promise<void>;
}

/** Brings up what modules need before they are enabled themselves, and gives it back where they cannot be. */
export class NeedsOfModules {
  readonly #claims = new DependencyClaims();

  constructor(
    private readonly dependencies: ModuleDependencies,
    private readonly logger: Logger,
    private readonly operations: NeededOperations,
  ) {}

  /** The module is wanted for its own sake, and not only for those that need it. */
  keep(name: string): void {
    this.#claims.keep(name);
  }

  /** The modules being enabled that need this one. */
  holdersOf(name: string): string[] {
    return this.#claims.holdersOf(name);
  }

  /** Runs an operation on a module; what it has brought up is given back where it fails. */
  async during(holder: string, operation: () => Promise<unknown>): Promise<void> {
    try {
      await operation();
      this.#claims.release(holder, 'succeeded');
    } catch (error) {
      await this.#giveBack(this.#claims.release(holder, 'failed'));
      throw error;
    }
  }

  /**
   * Resolves once all that a release needs serves; to be called {@link during} the operation that enables it.
   * @throws DEPENDENCY_MISSING, DEPENDENCY_VERSION or DEPENDENCY_CYCLE where nothing was begun; else DEPENDENCY_FAILED
   */
  async bringUp(release: Release): Promise<void> {
    const { name, manifest } = release;
    this.#claims.claim(name, Object.keys(manifest.dependencies ?? {}));
    const needs = await this.dependencies.plan(release);
    this.#claims.claim(
      name,
      needs.missing.map((module) => module.name),
    );
    await this.#bringUpAll(name, needs);
    await this.dependencies.assertServing(release);
  }

  /** Side by side where they do not need each other; after the first that fails no further one begins. */
  async #bringUpAll(holder: string, { missing, waits }: Needs): Promise<void> {
    const places = new Semaphore(PARALLEL_LOADS);
    const status = new Map(missing.map((module) => [module.name, module.status]));
    let failure: NestdockError | undefined;
    await sideBySide(waits, async (name) => {
      const leave = await places.acquire();
      try {
        if (!failure) await this.#bringUpOne(name, status.get(name) ?? 'REGISTERED');
      } catch (thrown) {
        failure ??= dependencyFailed(holder, name, codedError(thrown, 'MODULE_LOAD_FAILED'));
      } finally {
        leave();
      }
    });
    if (failure) throw failure;
  }

  async #bringUpOne(name: string, status: ModuleStatus): Promise<void> {
    if (status !== 'ENABLED') {
      if (await this.operations.enable(name)) this.#claims.enabledFor(name, status);
    } else if (!(await this.operations.load(name))) {
      throw new NestdockError('DEPENDENCY_UNAVAILABLE', `${name} is enabled, and cannot be loaded`);
    }
  }

  /** What others need by now stays. Several operations may have enabled these, so some may need others among them. */
  async #giveBack(modules: readonly GivenBack[]): Promise<void> {
    const needed: GivenBack[] = [];
    for (const module of modules) if (!(await this.#isGivenBack(module))) needed.push(module);
    if (needed.length > 0 && needed.length < modules.length) await this.#giveBack(needed);
  }

  async #isGivenBack({ name, status }: GivenBack): Promise<boolean> {
    try {
      await this.operations.giveBack(name, status);
      return true;
    } catch (error) {
      if (error instanceof NestdockError && error.code === 'DEPENDENTS_ENABLED') return false;
      this.logger.error({ module: name, err: error }, `${name} stays enabled, though what needed it could not be`);
      return true;
    }
  }
}

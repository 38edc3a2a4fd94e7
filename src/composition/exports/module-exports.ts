import { Inject, Injectable, type ValueProvider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { withDeadline } from '../../common/deadline.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { type Generation, MODULE_STATE_READER, type ModuleState, type ModuleStateReader } from '../../kernel/index.js';
import { moduleExport } from '../../sdk/index.js';
import { type NestModuleRef } from '../nest-internals.js';
import {
  elsewhereProblem,
  exportInUse,
  type ExportProblem,
  exportsFailure,
  offerProblem,
  unavailable,
  undeclaredProblem,
} from './export-errors.js';
import { type AskedExport, parseExportToken } from './export-key.js';
import { exportProxy } from './export-proxy.js';
import { ExportUses } from './export-uses.js';
import { exportedProviders } from './exported-providers.js';
import { type Offer, type ServedExport, ServedExports } from './served-exports.js';

/**
 * Brings what modules export to those that depend on them.
 *
 * A dependent gets a proxy, which asks here at each call: so a reload of the one never touches the other. What is
 * used is written down for as long as the dependent is loaded; a generation that no longer has it is refused.
 */
@Injectable()
export class ModuleExports {
  readonly #modules = new Map<string, ServedExports>();
  readonly #uses = new ExportUses();
  readonly #offers = new WeakMap<Generation, Offer>();
  #states: ModuleStateReader | undefined;

  constructor(
    private readonly moduleRef: ModuleRef,
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'loadTimeoutMs'>,
  ) {}

  /** From now on it is written down what the generation uses. @returns what ends that, and what it offers itself */
  open(generation: Generation): () => void {
    this.#uses.begin(generation);
    return () => {
      this.#uses.end(generation);
      this.#withdraw(generation);
    };
  }

  /**
   * What answers the tokens that a generation's providers ask for; and all else that its dependencies export, for
   * those that ask later.
   * @throws as {@link use} does
   */
  bindings(generation: Generation, tokens: Iterable<unknown>): ValueProvider[] {
    const answered = new Map([...this.#offered(generation), ...this.use(generation, tokens)]);
    return [...answered].map(([provide, asked]) => ({ provide, useValue: this.#proxy(generation, asked) }));
  }

  /**
   * Writes down what a generation uses of others.
   * @returns the tokens among those given that are of exports
   * @throws with every one that cannot be answered: DEPENDENCY_UNDECLARED, DEPENDENCY_UNAVAILABLE, EXPORT_NOT_FOUND or
   * EXPORT_UNSUITABLE
   */
  use(generation: Generation, tokens: Iterable<unknown>): Map<string, AskedExport> {
    const used = new Map<string, AskedExport>();
    for (const token of tokens) {
      const asked = parseExportToken(token);
      if (asked) used.set(token as string, asked);
    }
    const [first, ...others] = [...used.values()].flatMap((asked) => this.#problemOf(generation, asked) ?? []);
    if (first) throw exportsFailure([first, ...others]);
    for (const { module, key } of used.values()) this.#uses.add(generation, module, key);
    return used;
  }

  /**
   * What `context.get()` answers for such a token; undefined for any other.
   * @throws as {@link use} does
   */
  get(generation: Generation, token: unknown): object | undefined {
    const asked = parseExportToken(token);
    if (!asked) return undefined;
    const problem = this.#problemOf(generation, asked);
    if (problem?.code === 'DEPENDENCY_UNAVAILABLE') throw unavailable(generation.name, asked);
    if (problem) throw exportsFailure([problem]);
    this.#uses.add(generation, asked.module, asked.key);
    return this.#proxy(generation, asked);
  }

  /**
   * Takes in what a generation exports; it does not serve yet.
   * @param root undefined where it has no Nest entry
   * @throws EXPORT_IN_USE where a loaded module uses what it does not have
   */
  offer(generation: Generation, root: NestModuleRef | undefined): void {
    const offer: Offer = { generation, providers: root ? exportedProviders(root) : new Map() };
    const lost = this.#uses.of(generation.name).flatMap(({ dependent, keys }) =>
      keys.flatMap((key) => {
        const provider = offer.providers.get(key);
        return provider && provider.flaw === undefined ? [] : [{ dependent, key }];
      }),
    );
    if (lost.length > 0) throw exportInUse(offer, lost);
    this.#offers.set(generation, offer);
    this.#of(generation.name).attach(offer);
  }

  /** @returns what ends it; nothing that the generation uses keeps others from changing then */
  serve(generation: Generation): () => void {
    const offer = this.#offers.get(generation);
    if (!offer) throw new Error(`${generation.id} has offered nothing`);
    const stop = this.#of(generation.name).serve(offer);
    return () => {
      stop();
      this.#uses.end(generation);
    };
  }

  #withdraw(generation: Generation): void {
    const exports = this.#modules.get(generation.name);
    const offer = this.#offers.get(generation);
    if (offer) exports?.detach(offer);
    this.#offers.delete(generation);
    if (exports?.isEmpty) this.#modules.delete(generation.name);
  }

  /** The one that serves must have it, and the one that is about to. */
  #problemOf({ name, release }: Generation, asked: AskedExport): ExportProblem | undefined {
    const declared = Object.keys(release.manifest.dependencies ?? {});
    if (!declared.includes(asked.module)) return undeclaredProblem(name, asked, declared);
    const exports = this.#modules.get(asked.module);
    if (!exports?.serving) return this.#missing(name, asked);
    for (const offer of new Set([exports.serving, ...exports.upcoming])) {
      const problem = offerProblem(asked, offer);
      if (problem) return problem;
    }
    return undefined;
  }

  /** A module that serves, and offers nothing here, does so in another process. */
  #missing(name: string, asked: AskedExport): ExportProblem {
    if (this.#stateOf(asked.module) === 'active') return elsewhereProblem(name, asked);
    return { code: 'DEPENDENCY_UNAVAILABLE', message: unavailable(name, asked).message };
  }

  #stateOf(module: string): ModuleState | undefined {
    this.#states ??= this.moduleRef.get<ModuleStateReader>(MODULE_STATE_READER, { strict: false });
    return this.#states.stateOf(module);
  }

  #offered({ release }: Generation): Map<string, AskedExport> {
    const offered = new Map<string, AskedExport>();
    for (const module of Object.keys(release.manifest.dependencies ?? {})) {
      for (const [key, { flaw }] of this.#modules.get(module)?.serving?.providers ?? []) {
        if (flaw === undefined) offered.set(moduleExport(module, key), { module, key });
      }
    }
    return offered;
  }

  #proxy(dependent: Generation, asked: AskedExport): object {
    const { name } = dependent;
    const current = () => this.#current(asked);
    return exportProxy({ current, next: () => this.#next(name, asked), unavailable: () => unavailable(name, asked) });
  }

  #current({ module, key }: AskedExport): ServedExport | undefined {
    const serving = this.#modules.get(module)?.serving;
    const instance = serving?.providers.get(key)?.instance();
    return serving && instance && { generation: serving.generation, instance };
  }

  /** A module whose generations must never meet is away for a moment during its reload. */
  #next(dependent: string, asked: AskedExport): Promise<ServedExport> | undefined {
    if (this.#stateOf(asked.module) !== 'loading') return undefined;
    const late = () => unavailable(dependent, asked);
    return withDeadline(this.#of(asked.module).next(), this.config.loadTimeoutMs, late).then(() => {
      const served = this.#current(asked);
      if (!served) throw late();
      return served;
    });
  }

  #of(name: string): ServedExports {
    const known = this.#modules.get(name) ?? new ServedExports();
    this.#modules.set(name, known);
    return known;
  }
}

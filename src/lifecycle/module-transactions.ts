import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { checkpoint } from '../common/checkpoint.js';
import {
  CAPABILITIES,
  type Capability,
  type Generation,
  type ModuleStatus,
  type PreparedRollout,
  RELEASE_STORE,
  type ReleaseStore,
} from '../kernel/index.js';
import { enabledDependents, type ModuleNode, toGraph } from './dependency-graph.js';
import { type CommitKind, DependencyRecords } from './dependency-records.js';
import { moduleNotFound, revisionConflict } from './lifecycle-errors.js';
import { type DecidedTerms, ModuleRecords } from './module-records.js';

/** What an enabling or reload changes, and what it is based on. */
export interface Change {
  /** undefined: it was to serve before, and this host has only now come to it. */
  readonly rollout?: PreparedRollout;
  /** Of the row that it was decided on. */
  readonly revision: number;
  readonly decided?: DecidedTerms;
}

/** What is written when a module's status changes: one transaction for the status and for all that capabilities keep. */
@Injectable()
export class ModuleTransactions {
  constructor(
    private readonly records: ModuleRecords,
    private readonly dependencies: DependencyRecords,
    @Inject(RELEASE_STORE) private readonly store: ReleaseStore,
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
  ) {}

  /**
   * The module is enabled, and this generation is about to serve.
   * @throws where the rows of the module, of what it needs or of what needs it forbid that, see {@link DependencyRecords};
   * REVISION_CONFLICT where others have changed it meanwhile
   */
  async serving(generation: Generation, kind: CommitKind, change: Change): Promise<void> {
    await this.records.transaction(async (transaction) => {
      await this.dependencies.assertMayServe(transaction, generation.release, kind, change.revision);
      await change.rollout?.decide(transaction);
      await this.records.enable(transaction, generation, change.rollout?.id, change.decided);
      for (const capability of this.capabilities) await capability.record?.(generation, transaction);
      checkpoint('enable:written', generation.name);
    });
    checkpoint('enable:committed', generation.name);
  }

  /**
   * @param status what the module is then
   * @param revision that it must have still; undefined: whatever it has
   * @throws MODULE_NOT_FOUND, REVISION_CONFLICT or DEPENDENTS_ENABLED
   */
  async disable(name: string, status: ModuleStatus, revision?: number): Promise<void> {
    await this.records.transaction(async (transaction) => {
      await this.dependencies.assertMayStop(transaction, name, revision);
      await this.#disable(transaction, name, status);
    });
    checkpoint('disable:committed', name);
  }

  /**
   * Disables a module together with all that needs it.
   * @param revision that the module must have still
   * @returns all of them as they were
   * @throws MODULE_NOT_FOUND, REVISION_CONFLICT
   */
  async disableWithDependents(name: string, revision?: number): Promise<ModuleNode[]> {
    for (;;) {
      const known = enabledDependents(name, toGraph(await this.dependencies.all()));
      const disabled = await this.records.transaction((transaction) =>
        this.#disableAll(transaction, name, known, revision),
      );
      if (!disabled) continue;
      checkpoint('disable:committed', name);
      return disabled;
    }
  }

  /**
   * Removes a module that is not enabled; with all that is kept of it, where it is purged.
   * @throws MODULE_NOT_FOUND or MODULE_ENABLED
   */
  async remove(name: string, { purge }: { readonly purge: boolean }): Promise<void> {
    await this.records.transaction(async (transaction) => {
      const row = (await this.dependencies.lock(transaction, [name])).get(name);
      if (!row) throw moduleNotFound(name);
      if (row.enabled) throw new NestdockError('MODULE_ENABLED', `${name} is enabled`);
      for (const capability of this.capabilities.toReversed()) {
        await (purge ? capability.purge?.(name, transaction) : capability.forget?.(name, transaction));
      }
      if (purge) await this.store.drop(name, transaction);
      await this.records.remove(transaction, name);
      checkpoint('remove:written', name);
    });
    checkpoint('remove:committed', name);
  }

  /** Rows are locked in the order of their names, all at once: where others have come meanwhile, it begins anew. */
  async #disableAll(
    transaction: EntityManager,
    name: string,
    known: readonly string[],
    revision: number | undefined,
  ): Promise<ModuleNode[] | undefined> {
    const own = (await this.dependencies.lock(transaction, [...known, name])).get(name);
    if (own && revision !== undefined && own.revision !== revision) {
      throw revisionConflict(name, revision, own.revision);
    }
    const graph = toGraph(await this.dependencies.all(transaction));
    if (!graph.has(name)) throw moduleNotFound(name);
    const dependents = enabledDependents(name, graph);
    if (dependents.some((dependent) => !known.includes(dependent))) return undefined;
    const all = [...dependents, name];
    for (const module of all) await this.#disable(transaction, module, 'DISABLED');
    return all.flatMap((module) => graph.get(module) ?? []);
  }

  async #disable(transaction: EntityManager, name: string, status: ModuleStatus): Promise<void> {
    await this.records.disable(transaction, name, status);
    await this.#withdraw(name, transaction);
    checkpoint('disable:written', name);
  }

  async #withdraw(name: string, transaction: EntityManager): Promise<void> {
    for (const capability of this.capabilities) await capability.withdraw?.(name, transaction);
  }
}

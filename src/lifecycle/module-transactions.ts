import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { CAPABILITIES, type Capability, type Generation } from '../kernel/index.js';
import { ModuleRecords } from './module-records.js';

/** What is written when a module's status changes: one transaction for the status and for all that capabilities keep. */
@Injectable()
export class ModuleTransactions {
  constructor(
    private readonly records: ModuleRecords,
    @Inject(CAPABILITIES) private readonly capabilities: readonly Capability[],
  ) {}

  /** The module is enabled, and this generation is about to serve. */
  readonly enable = (generation: Generation): Promise<void> =>
    this.records.transaction(async (transaction) => {
      await this.records.enable(transaction, generation.release);
      for (const capability of this.capabilities) await capability.record?.(generation, transaction);
    });

  disable(name: string): Promise<void> {
    return this.records.transaction(async (transaction) => {
      await this.records.disable(transaction, name);
      await this.#withdraw(name, transaction);
    });
  }

  forget(name: string): Promise<void> {
    return this.records.transaction(async (transaction) => {
      await this.#withdraw(name, transaction);
      await this.records.remove(transaction, name);
    });
  }

  async #withdraw(name: string, transaction: EntityManager): Promise<void> {
    for (const capability of this.capabilities) await capability.withdraw?.(name, transaction);
  }
}

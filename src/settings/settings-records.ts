import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager, In, LessThan } from 'typeorm';
import { checkpoint } from '../common/checkpoint.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { HOST_DATA_SOURCE, Module, ModuleSettingsChange, ModuleSettingsRow } from '../persistence/index.js';
import { type RevisedSettings } from './revise-settings.js';

/** Tells every host which module's settings have changed. */
export const SETTINGS_CHANNEL = 'nestdock_settings';

export type KeptSettings = Pick<ModuleSettingsRow, 'module' | 'values' | 'revision'>;

/** Who changed them. */
export interface SettingsAuthor {
  /** Whose token it was. */
  readonly by: string;
  readonly requestId: string | null;
  /** Address that the request came from. */
  readonly address: string | null;
}

/** Where it changes nothing, nothing is written. */
export type Revise = (kept: KeptSettings, module: Module) => RevisedSettings;

/** The rows of settings and of their history. */
@Injectable()
export class SettingsRecords {
  constructor(@InjectDataSource(HOST_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** @throws {NestdockError} MODULE_NOT_FOUND */
  async module(name: string, manager: EntityManager = this.dataSource.manager): Promise<Module> {
    const row = await manager.findOneBy(Module, { name });
    if (!row) throw moduleNotFound(name);
    return row;
  }

  async find(module: string, manager: EntityManager = this.dataSource.manager): Promise<KeptSettings> {
    return (await manager.findOneBy(ModuleSettingsRow, { module })) ?? { module, values: {}, revision: 0 };
  }

  /** Those of these modules that have some. */
  findAll(modules: readonly string[]): Promise<KeptSettings[]> {
    return this.dataSource.manager.findBy(ModuleSettingsRow, { module: In(modules) });
  }

  /**
   * Changes a module's settings; two changes of one module come one after the other. All hosts are told, once it is
   * committed. The module's row is held so that it is neither enabled nor removed meanwhile.
   * @throws {NestdockError} MODULE_NOT_FOUND, and what `revise` throws
   */
  revise(name: string, { by, requestId, address }: SettingsAuthor, revise: Revise): Promise<KeptSettings> {
    return this.dataSource.transaction(async (transaction) => {
      // The module first, then its settings: whoever holds both takes them in this order.
      const module = await transaction.findOne(Module, { where: { name }, lock: { mode: 'pessimistic_read' } });
      if (!module) throw moduleNotFound(name);
      await transaction
        .createQueryBuilder()
        .insert()
        .into(ModuleSettingsRow)
        .values({ module: name })
        .orIgnore()
        .execute();
      const lock = { mode: 'pessimistic_write' } as const;
      const kept = await transaction.findOneOrFail(ModuleSettingsRow, { where: { module: name }, lock });
      const { values, changes } = revise(kept, module);
      if (changes.length === 0) return kept;
      const revision = kept.revision + 1;
      await transaction.save(ModuleSettingsRow, { module: name, values, revision });
      const change = { module: name, revision, changedBy: by, requestId, address, changes };
      await transaction.insert(ModuleSettingsChange, change as object);
      await transaction.query('SELECT pg_notify($1, $2)', [SETTINGS_CHANNEL, name]);
      checkpoint('settings:written', name);
      return { module: name, values, revision };
    });
  }

  /** The changes before a revision, the latest first, and how many there are in all. */
  async history(module: string, limit: number, before?: number): Promise<[ModuleSettingsChange[], number]> {
    const { manager } = this.dataSource;
    const changes = await manager.find(ModuleSettingsChange, {
      where: { module, ...(before !== undefined && { revision: LessThan(before) }) },
      order: { revision: 'DESC' },
      take: limit,
    });
    return [changes, await manager.countBy(ModuleSettingsChange, { module })];
  }

  /** Drops a module's settings and their history, in the transaction that removes the module. */
  async purge(module: string, transaction: EntityManager): Promise<void> {
    await transaction.findOne(Module, { where: { name: module }, lock: { mode: 'pessimistic_write' } });
    await transaction.delete(ModuleSettingsRow, { module });
    await transaction.delete(ModuleSettingsChange, { module });
  }
}

const moduleNotFound = (name: string) => new NestdockError('MODULE_NOT_FOUND', `no module is named "${name}"`);

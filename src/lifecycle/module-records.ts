import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { type Problem } from '../common/errors/problem.js';
import { CLUSTER_CHANNEL, clusterNotice, type Generation, type ModuleStatus } from '../kernel/index.js';
import { HOST_DATA_SOURCE, Module, type Quarantine } from '../persistence/index.js';
import { moduleNotFound } from './lifecycle-errors.js';

/** What an operator may decide along with a load. */
export type DecidedTerms = Partial<Pick<Module, 'isolation'>>;

/** Whether a write changes what should be, on every host: the row's revision rises then, and all hosts are told. */
type Desired = 'changed' | 'unchanged';

/** What the database says of modules, and the only writer of it. */
@Injectable()
export class ModuleRecords {
  constructor(
    @InjectDataSource(HOST_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
  ) {}

  /** One that is stopped in the middle must not hold up the other hosts: where it is away for too long, it is rolled back. */
  transaction<T>(work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    const { databaseUrl, hostTtlMs } = this.config;
    return this.dataSource.transaction(async (transaction) => {
      if (databaseUrl !== undefined) {
        await transaction.query(`SET LOCAL idle_in_transaction_session_timeout = ${hostTtlMs}`);
      }
      return work(transaction);
    });
  }

  /** @throws MODULE_NOT_FOUND */
  async get(name: string): Promise<Module> {
    const row = await this.find(name);
    if (!row) throw moduleNotFound(name);
    return row;
  }

  find(name: string): Promise<Module | null> {
    return this.#modules().findOneBy({ name });
  }

  all(status?: ModuleStatus): Promise<Module[]> {
    return this.#modules().find({ where: status ? { status } : {}, order: { name: 'ASC' } });
  }

  /**
   * The module serves this generation from now on.
   * @param rollout by which it does, on every host; undefined: it was to serve before, and only now comes up on this one
   * @param changed what else an operator has decided with that
   */
  async enable(
    transaction: EntityManager,
    { release, terms }: Generation,
    rollout: string | undefined,
    changed: DecidedTerms = {},
  ): Promise<void> {
    await this.#write(transaction, release.name, rollout === undefined ? 'unchanged' : 'changed', {
      ...changed,
      ...(rollout !== undefined && { rollout }),
      permissions: terms.permissions,
      quarantine: null,
      status: 'ENABLED',
      version: release.version,
      manifest: release.manifest,
      bundle: release.bundle.hash,
      release: release.digest,
      error: null,
      enabledAt: new Date(),
    });
  }

  async disable(transaction: EntityManager, name: string, status: ModuleStatus): Promise<void> {
    await this.#write(transaction, name, 'changed', { status, error: null, quarantine: null });
  }

  /** Records a failure; with a status where the failure changes that too. */
  async fail(name: string, error: Problem, status?: ModuleStatus): Promise<void> {
    await this.#write(this.dataSource.manager, name, status ? 'changed' : 'unchanged', {
      error,
      ...(status && { status, quarantine: null }),
    });
  }

  /** Where an operator wants the code of a module to run that is not loaded. */
  async isolate(name: string, isolation: Module['isolation']): Promise<void> {
    await this.#write(this.dataSource.manager, name, 'changed', { isolation });
  }

  /** The module is taken out on every host. */
  async quarantine(name: string, quarantine: Quarantine): Promise<void> {
    await this.#write(this.dataSource.manager, name, 'changed', { quarantine, error: quarantine.reason });
  }

  async insert(row: Pick<Module, 'name' | 'version' | 'path' | 'manifest' | 'error'>): Promise<void> {
    await this.#modules().insert(columns({ ...row, status: 'REGISTERED' }));
  }

  async update(name: string, row: Pick<Module, 'version' | 'path' | 'manifest' | 'error'>): Promise<void> {
    await this.#write(this.dataSource.manager, name, 'changed', row);
  }

  async remove(transaction: EntityManager, name: string): Promise<void> {
    await transaction.getRepository(Module).delete({ name });
    await notify(transaction, name);
  }

  async #write(manager: EntityManager, name: string, desired: Desired, values: Partial<Module>): Promise<void> {
    const revision = desired === 'changed' ? { revision: () => 'revision + 1' } : {};
    await manager
      .createQueryBuilder()
      .update(Module)
      .set({ ...columns(values), ...revision })
      .where({ name })
      .execute();
    if (desired === 'changed') await notify(manager, name);
  }

  #modules() {
    return this.dataSource.getRepository(Module);
  }
}

/** Heard by every host once the transaction has committed. */
async function notify(manager: EntityManager, name: string): Promise<void> {
  await manager.query('SELECT pg_notify($1, $2)', [CLUSTER_CHANNEL, clusterNotice('module', name)]);
}

/** TypeORM's type looks into jsonb values as though they were relations. */
function columns(values: Partial<Module>): QueryDeepPartialEntity<Module> {
  return values as QueryDeepPartialEntity<Module>;
}

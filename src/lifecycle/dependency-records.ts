import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleStatus, type Release } from '../kernel/index.js';
import { HOST_DATA_SOURCE } from '../persistence/index.js';
import { enabledDependents, fits, incompatibleDependents, type ModuleNode, toGraph } from './dependency-graph.js';
import { dependentsEnabled, dependentsIncompatible, moduleNotFound, revisionConflict } from './lifecycle-errors.js';

/** A module's row, as far as others depend on it. */
export interface ModuleNodeRow extends ModuleNode {
  readonly status: ModuleStatus;
  readonly path: string;
  readonly revision: number;
}

/** What a generation is about to serve for; what must hold for the module's row and those of others differs. */
export type CommitKind =
  /** An operator enables it, whatever it was. */
  | 'enable'
  /** It is enabled, and gets new code. */
  | 'reload'
  /** It is enabled, and this host has only now come to load it. */
  | 'load';

const NODE_COLUMNS = `name, version, status, path, revision, manifest -> 'dependencies' AS dependencies`;

interface RawRow {
  readonly name: string;
  readonly version: string | null;
  readonly status: ModuleStatus;
  readonly path: string;
  readonly revision: number;
  readonly dependencies: Readonly<Record<string, string>> | null;
}

/**
 * What the database says of modules that depend on each other. The checks run within the transaction that they are
 * for: it holds the rows of the module and of all that it needs, in the order of their names, until it ends. So of
 * two operations that contradict each other, on one host or on two, the second sees what the first has done.
 */
@Injectable()
export class DependencyRecords {
  constructor(@InjectDataSource(HOST_DATA_SOURCE) private readonly dataSource: DataSource) {}

  async all(manager: EntityManager = this.dataSource.manager): Promise<ModuleNodeRow[]> {
    return nodes(await manager.query(`SELECT ${NODE_COLUMNS} FROM nestdock.module ORDER BY name`));
  }

  /** The enabled modules that name this one among their dependencies. */
  async directDependents(name: string, manager: EntityManager = this.dataSource.manager): Promise<ModuleNodeRow[]> {
    const sql = `SELECT ${NODE_COLUMNS} FROM nestdock.module
      WHERE status = 'ENABLED' AND manifest -> 'dependencies' ->> $1 IS NOT NULL ORDER BY name`;
    return nodes(await manager.query(sql, [name]));
  }

  /** Nobody else changes these rows until the transaction ends. @returns those that there are */
  async lock(transaction: EntityManager, names: readonly string[]): Promise<Map<string, ModuleNodeRow>> {
    const sql = `SELECT ${NODE_COLUMNS} FROM nestdock.module WHERE name = ANY($1) ORDER BY name FOR UPDATE`;
    return new Map(nodes(await transaction.query(sql, [names])).map((row) => [row.name, row]));
  }

  /**
   * Whether a release may be what its module serves from now on. Dependents hold their own ranges against what comes
   * up at a host's start; only a change that somebody asks for must leave them whole.
   * @param revision that the module's row must have still
   * @throws MODULE_NOT_FOUND, MODULE_NOT_ENABLED, REVISION_CONFLICT, DEPENDENCY_UNAVAILABLE, DEPENDENCY_VERSION or DEPENDENTS_INCOMPATIBLE
   */
  async assertMayServe(
    transaction: EntityManager,
    release: Release,
    kind: CommitKind,
    revision: number,
  ): Promise<void> {
    const { name, version, manifest } = release;
    const needs = Object.entries(manifest.dependencies ?? {});
    const rows = await this.lock(transaction, [name, ...needs.map(([needed]) => needed)]);
    const own = rows.get(name);
    if (!own) throw new NestdockError('MODULE_NOT_FOUND', `${name} was removed meanwhile`);
    if (kind !== 'enable' && !own.enabled) throw notEnabled(own);
    if (own.revision !== revision) throw revisionConflict(name, revision, own.revision);
    for (const [needed, range] of needs) assertMet(name, needed, range, rows.get(needed));
    if (kind === 'load') return;
    const dependents = incompatibleDependents(name, version, toGraph(await this.directDependents(name, transaction)));
    if (dependents.length > 0) throw dependentsIncompatible(release, dependents);
  }

  /** @throws MODULE_NOT_FOUND, REVISION_CONFLICT, or DEPENDENTS_ENABLED where an enabled module needs it. */
  async assertMayStop(transaction: EntityManager, name: string, revision?: number): Promise<void> {
    const own = (await this.lock(transaction, [name])).get(name);
    if (!own) throw moduleNotFound(name);
    if (revision !== undefined && own.revision !== revision) throw revisionConflict(name, revision, own.revision);
    if ((await this.directDependents(name, transaction)).length === 0) return;
    throw dependentsEnabled(name, enabledDependents(name, toGraph(await this.all(transaction))));
  }
}

function assertMet(name: string, needed: string, range: string, row: ModuleNodeRow | undefined): void {
  if (!row?.enabled) {
    const detail = `${name} needs ${needed}, which is ${row?.status ?? 'not registered'}`;
    throw new NestdockError('DEPENDENCY_UNAVAILABLE', detail);
  }
  if (fits(row.version, range)) return;
  throw new NestdockError('DEPENDENCY_VERSION', `${name} needs ${needed} ${range}, enabled is ${row.version}`);
}

function notEnabled({ name, status }: ModuleNodeRow): NestdockError {
  return new NestdockError('MODULE_NOT_ENABLED', `${name} is ${status} by now`);
}

function nodes(rows: unknown): ModuleNodeRow[] {
  return (rows as RawRow[]).map(({ dependencies, ...row }) => ({
    ...row,
    dependencies: dependencies ?? {},
    enabled: row.status === 'ENABLED',
  }));
}

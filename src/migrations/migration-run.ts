import { type QueryRunner } from 'typeorm';
import { checkpoint } from '../common/checkpoint.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { invalidIndexes } from './invalid-indexes.js';
import { deleteRecord, insertRecord, updateRecord } from './migration-records.js';
import { type MigrationSession } from './migration-session.js';
import { type MigrationStep } from './migration-step.js';

export interface RunOptions {
  readonly module: string;
  /** Of the module, to be recorded. */
  readonly version: string;
  /** Told of each migration once it can be relied on. */
  readonly onDone: (step: MigrationStep, durationMs: number) => void;
  /** Called first in each transaction; where it rejects, nothing runs. */
  readonly check?: (transaction: QueryRunner) => Promise<void>;
}

/**
 * Runs migrations in their order: neighbours that want a transaction in one, with their records; one that wants none
 * by itself, recorded as begun before and as done after. So one that fails takes its whole neighbourhood back, and what
 * is interrupted outside a transaction is known by its record.
 */
export class MigrationRun {
  readonly #runner: QueryRunner;
  readonly #signal: AbortSignal;
  readonly #announce: MigrationSession['announce'];

  constructor(
    { runner, signal, announce }: MigrationSession,
    private readonly options: RunOptions,
  ) {
    this.#runner = runner;
    this.#signal = signal;
    this.#announce = announce;
  }

  /** @throws {NestdockError} MIGRATION_FAILED, MIGRATION_INTERRUPTED */
  async run(steps: readonly MigrationStep[]): Promise<void> {
    const searchPath = await this.#searchPath();
    for (const group of groupsOf(steps)) {
      this.#signal.throwIfAborted();
      if (group[0].transactional) await this.#runTogether(group, searchPath);
      else await this.#runAlone(group[0], searchPath);
    }
  }

  async #runTogether(steps: readonly MigrationStep[], searchPath: string): Promise<void> {
    const durations: number[] = [];
    try {
      await this.#runner.startTransaction();
      await this.options.check?.(this.#runner);
      const transaction = await this.#transactionId();
      for (const step of steps) {
        this.#signal.throwIfAborted();
        // One migration's `SET search_path` is not the next one's.
        await this.#runner.query(`SELECT pg_catalog.set_config('search_path', $1, true)`, [searchPath]);
        const durationMs = await this.#time(step);
        if ((await this.#transactionId()) !== transaction) throw endedTransaction(step);
        await this.#record(step, durationMs);
        checkpoint('migration:written', this.options.module);
        durations.push(durationMs);
      }
      // What a class has begun inside is committed too.
      while (this.#runner.isTransactionActive) await this.#runner.commitTransaction();
    } catch (error) {
      throw await this.#rolledBack(error);
    }
    checkpoint('migrations:committed', this.options.module);
    for (const [index, step] of steps.entries()) this.options.onDone(step, durations[index] ?? 0);
  }

  async #runAlone(step: MigrationStep, searchPath: string): Promise<void> {
    await this.options.check?.(this.#runner);
    await this.#runner.query(`SELECT pg_catalog.set_config('search_path', $1, false)`, [searchPath]);
    const before = await invalidIndexes(this.#runner);
    await this.#recordBegin(step);
    checkpoint('migration:begun', this.options.module);
    let durationMs: number;
    try {
      durationMs = await this.#time(step);
    } catch (error) {
      throw await this.#settle(step, before, error);
    }
    checkpoint('migration:ran', this.options.module);
    if (step.direction === 'down') await deleteRecord(this.#runner, this.options.module, step.migration.name);
    else await updateRecord(this.#runner, this.#key(step), 'done', durationMs);
    this.options.onDone(step, durationMs);
  }

  async #record(step: MigrationStep, durationMs: number): Promise<void> {
    if (step.direction === 'down') await deleteRecord(this.#runner, this.options.module, step.migration.name);
    else await this.#insert(step, 'done', durationMs);
  }

  async #recordBegin(step: MigrationStep): Promise<void> {
    if (step.direction === 'down') await updateRecord(this.#runner, this.#key(step), 'reverting');
    else await this.#insert(step, 'applying', null);
  }

  async #insert(step: MigrationStep, status: 'done' | 'applying', durationMs: number | null): Promise<void> {
    const { migration, reversible } = step;
    const { module, version } = this.options;
    const { name, kind, checksum } = migration;
    await insertRecord(this.#runner, { module, version, name, kind, checksum, status, reversible, durationMs });
  }

  /**
   * After a statement that ran alone has failed: it has left nothing, and its record goes back, unless it is a class,
   * which may have done anything, or an index is there that was begun and is not valid.
   */
  async #settle(step: MigrationStep, before: readonly string[], failure: unknown): Promise<unknown> {
    if (this.#runner.isReleased) return failure;
    const left = (await invalidIndexes(this.#runner)).filter((index) => !before.includes(index));
    if (left.length === 0 && step.migration.kind === 'sql') {
      if (step.direction === 'down') await updateRecord(this.#runner, this.#key(step), 'done');
      else await deleteRecord(this.#runner, this.options.module, step.migration.name);
      return failure;
    }
    if (!(failure instanceof NestdockError)) return failure;
    const what = left.length > 0 ? `the index ${left.join(', ')}, which is not valid` : 'what it did until then';
    return new NestdockError('MIGRATION_INTERRUPTED', `${failure.message}; it has left ${what}`, {
      cause: failure,
      problems: failure.problems,
      extensions: { ...failure.extensions, invalidIndexes: left },
    });
  }

  /** Where the connection is gone, the server has rolled back by itself. */
  async #rolledBack(failure: unknown): Promise<unknown> {
    try {
      while (this.#runner.isTransactionActive && !this.#runner.isReleased) await this.#runner.rollbackTransaction();
      return failure;
    } catch (error) {
      return failure instanceof NestdockError
        ? failure
        : new AggregateError([failure, error], 'the connection was lost');
    }
  }

  /** @returns whole milliseconds */
  async #time(step: MigrationStep): Promise<number> {
    this.#announce(step.file);
    const start = performance.now();
    await step.run(this.#runner);
    return Math.round(performance.now() - start);
  }

  #key({ migration: { name } }: MigrationStep): { module: string; name: string } {
    return { module: this.options.module, name };
  }

  async #searchPath(): Promise<string> {
    const [row] = (await this.#runner.query(`SELECT current_setting('search_path') AS path`)) as [{ path: string }];
    return row.path;
  }

  async #transactionId(): Promise<string> {
    const [row] = (await this.#runner.query('SELECT pg_catalog.txid_current() AS id')) as [{ id: string }];
    return row.id;
  }
}

type Group = [MigrationStep, ...MigrationStep[]];

function groupsOf(steps: readonly MigrationStep[]): Group[] {
  const groups: Group[] = [];
  for (const step of steps) {
    const group = groups.at(-1);
    if (step.transactional && group?.[0].transactional) group.push(step);
    else groups.push([step]);
  }
  return groups;
}

function endedTransaction({ file, migration }: MigrationStep): NestdockError {
  const message = `${file} has ended the transaction that it ran in: what it did before stays, and is not recorded`;
  return new NestdockError('MIGRATION_FAILED', message, {
    problems: [
      {
        code: 'MIGRATION_FAILED',
        file,
        message,
        hint: 'leave COMMIT and ROLLBACK out, or write `transaction = false` into the class',
      },
    ],
    extensions: { migration: migration.name },
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource, type QueryRunner } from 'typeorm';
import { hasErrorCode } from '../common/error-code.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { toError } from '../common/to-error.js';
import { tryLock, unlock } from './module-lock.js';

/** Milliseconds that work which was told to stop has to say what it was doing. */
const GRACE_MS = 1_000;
const LOST_HOST_CHECK_MS = 1_000;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 500;
/** SQLSTATE of a setting that the server's system does not have. */
const INVALID_PARAMETER_VALUE = '22023';

/** A connection on the module's schema that has the module's lock. */
export interface MigrationSession {
  readonly runner: QueryRunner;
  /** Aborts once the time is up; the connection is closed then. */
  readonly signal: AbortSignal;
  /** What runs now, to be named where the time is up. */
  readonly announce: (file: string) => void;
}

export interface SessionOptions {
  readonly dataSource: DataSource;
  readonly module: string;
  readonly signal: AbortSignal;
}

/**
 * Runs work under the module's lock. When the signal aborts, the connection is cut off in mid-statement, and the server
 * rolls back what was not committed; work that is somewhere else altogether is not waited for, and can do no more harm.
 * @throws {NestdockError} MIGRATION_TIMEOUT where the signal aborts; what the work fails with
 */
export async function withSession<T>(
  { dataSource, module, signal }: SessionOptions,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  let runner: QueryRunner | undefined;
  let doing = 'waiting for a host that is at work on them';
  const announce = (file: string): void => void (doing = `in ${file}`);
  const working = async (): Promise<T> => {
    runner = await connectLocked(dataSource, module, signal);
    const result = await work({ runner, signal, announce });
    await unlock(runner, module);
    return result;
  };
  try {
    return await cutOff(working(), signal, () => void runner?.release());
  } catch (error) {
    throw signal.aborted ? timeoutError(module, doing, toError(error)) : error;
  } finally {
    // Where the lock is still held, the connection is not as it was lent, and it is discarded: the lock goes with it.
    await runner?.release();
  }
}

/**
 * Asks for the lock again and again, each time on a connection that others can have in between. It does not wait inside
 * the database: a waiting query holds a snapshot, and `CREATE INDEX CONCURRENTLY` on the host that has the lock would
 * wait for that one to end.
 */
async function connectLocked(dataSource: DataSource, module: string, signal: AbortSignal): Promise<QueryRunner> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    signal.throwIfAborted();
    const runner = dataSource.createQueryRunner();
    try {
      await endWithHost(runner);
      const locked = await tryLock(runner, module);
      signal.throwIfAborted();
      if (locked) return runner;
    } catch (error) {
      await runner.release();
      throw error;
    }
    await runner.release();
    await sleep(wait, undefined, { signal });
  }
}

/**
 * Has the server look whether this host is still there while a statement runs: one that was killed would otherwise keep
 * the lock until the statement has ended. Some systems cannot look.
 */
async function endWithHost(runner: QueryRunner): Promise<void> {
  try {
    await runner.query(`SET client_connection_check_interval = '${LOST_HOST_CHECK_MS}ms'`);
  } catch (error) {
    if (!hasErrorCode(error, INVALID_PARAMETER_VALUE)) throw error;
  }
}

async function cutOff<T>(work: Promise<T>, signal: AbortSignal, cut: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      cut();
      timer = setTimeout(() => reject(toError(signal.reason)), GRACE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

function timeoutError(module: string, doing: string, cause: Error): NestdockError {
  const { problems, extensions } = cause instanceof NestdockError ? cause : { problems: [], extensions: {} };
  return new NestdockError('MIGRATION_TIMEOUT', `the migrations of ${module} took too long, ${doing}`, {
    cause,
    problems: problems.map((problem) => ({ ...problem, code: 'MIGRATION_TIMEOUT' })),
    extensions,
  });
}

import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { type RunView } from '../../src/jobs/index.js';
import { type JobContext } from '../../src/sdk/index.js';
import { openTestDatabase, type TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { JobsHost } from './jobs-host.js';

/** Hosts for the tests of one `describe`, on a database that each of them finds empty. */
export class JobsTest {
  readonly #hosts: JobsHost[] = [];
  #database: TestDatabase | undefined;

  constructor(kind: 'embedded' | 'postgres' = 'embedded') {
    beforeAll(async () => {
      this.#database = await openTestDatabase(kind);
    });
    afterEach(async () => {
      await this.stopHosts();
      await this.database.dataSource.query('DELETE FROM nestdock.job; DELETE FROM nestdock.module');
    });
    afterAll(() => this.database.close());
  }

  get database(): TestDatabase {
    if (!this.#database) throw new Error('the database is not open yet');
    return this.#database;
  }

  startHost(options: ConstructorParameters<typeof JobsHost>[1] = {}): JobsHost {
    const host = new JobsHost(this.database, options);
    this.#hosts.push(host);
    host.jobs.start();
    return host;
  }

  async stopHosts(): Promise<void> {
    for (const host of this.#hosts.splice(0)) {
      await host.jobs.stop();
      expect([...host.registry.getCronJobs().keys()]).toEqual([]);
    }
  }

  /** The run, once it has this status. */
  async reached(host: JobsHost, runId: string, status: RunView['status'], ms?: number): Promise<RunView> {
    await eventually(async () => expect((await host.service.getRun(runId)).status).toBe(status), ms);
    return host.service.getRun(runId);
  }
}

/** A handler that goes on until it is told to stop, and then does. */
export const untilAborted = (context: unknown): Promise<never> =>
  new Promise((_resolve, reject) => {
    const { signal } = context as JobContext;
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** A handler that ignores its signal, and never ends. */
export const never = (): Promise<never> => new Promise(() => undefined);

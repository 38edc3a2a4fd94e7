import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { HostEventBus } from '../../../test/support/events.js';
import { JobsHost } from '../../../test/support/jobs-host.js';
import { SecretRegistry } from '../../common/redaction/secret-registry.js';
import { SecretBox } from '../../common/secret-box.js';
import { JobSecrets } from '../job-secrets.js';
import { type Generation, type ModuleFunction } from '../../kernel/index.js';
import { Run } from '../../persistence/index.js';
import { type JobContext } from '../../sdk/index.js';
import { type AttemptMessage, type Delivery, JobEngine } from '../engine/job-engine.js';
import { ServingJobs } from '../serving-jobs.js';
import { Executions } from './executions.js';
import { AttemptRecords } from './attempt-records.js';
import { RunRecords } from './run-records.js';
import { RunWorker } from './run-worker.js';

const logger = pino({ level: 'silent' });
const fail = (error: unknown): never => {
  throw error;
};

const events = new HostEventBus('host', fail);

const secrets = new JobSecrets(new SecretBox(['a-key'], 'jobs'), new SecretRegistry());

/** Deliveries are made by hand here, in orders that a frozen host brings about. */
describe('a run that is taken over', () => {
  let test: TestDatabase;
  let engine: JobEngine;
  let runs: RunRecords;
  let attempts: AttemptRecords;
  let generation: Generation;
  let message: AttemptMessage;

  const workerOf = (host: string, handler: ModuleFunction): RunWorker => {
    const serving = new ServingJobs();
    serving.serve({ generation, handlers: new Map([['work', handler]]) });
    const executions = new Executions(attempts, fail);
    return new RunWorker(host, test.dataSource, runs, attempts, engine, serving, executions, events, secrets, logger);
  };
  const delivered = (attempt: number, redelivery: number): Delivery => ({ ...message, attempt, redelivery });
  const row = () => test.dataSource.manager.findOneByOrFail(Run, { id: message.runId });

  beforeAll(async () => {
    test = await openTestDatabase();
    // Sends, and never works: the messages are delivered by the tests.
    const [onError, onWarning] = [fail, () => undefined];
    engine = new JobEngine(test.database, { schema: 'pgboss', concurrency: 1, onError, onWarning });
    await engine.start();
    runs = new RunRecords(test.dataSource);
    attempts = new AttemptRecords(test.dataSource);
  });

  afterAll(async () => {
    await engine.stop();
    await test.close();
  });

  beforeEach(async () => {
    const host = new JobsHost(test);
    ({ generation } = await host.serve('hello', { work: { retries: 1, run: () => undefined } }));
    const jobId = await host.jobId('hello/work');
    const { id: runId } = await host.service.run(jobId);
    message = { runId, attempt: 1, jobId, module: 'hello', key: 'work', exclusive: true, timeoutMs: 300_000 };
    await host.jobs.stop();
  });

  it('counts the lost attempt, runs elsewhere, and refuses what the lost host brings afterwards', async () => {
    let finish = (_result: string) => {};
    const frozen = workerOf('frozen', () => new Promise((resolve) => (finish = resolve)));
    const late = frozen.handle(delivered(1, 0));
    await expectStatus('running');

    const other = workerOf('other', () => 'taken over');
    await other.handle(delivered(1, 1));
    expect(await row()).toMatchObject({
      status: 'queued',
      attempts: [{ host: 'frozen', error: { code: 'RUN_LOST' } }],
    });
    await other.handle(delivered(2, 0));
    finish('too late');
    await late;
    expect(await row()).toMatchObject({
      status: 'succeeded',
      result: 'taken over',
      attempts: [
        { host: 'frozen', error: { code: 'RUN_LOST' } },
        { host: 'other', error: null },
      ],
    });
  });

  it('is dead where its last attempt was lost', async () => {
    const untilAborted = (context: unknown) =>
      new Promise((_resolve, reject) => {
        const { signal } = context as JobContext;
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const [frozen, other] = [workerOf('frozen', untilAborted), workerOf('other', () => 'never called')];
    for (const attempt of [1, 2]) {
      const late = frozen.handle(delivered(attempt, 0));
      await expectStatus('running');
      await other.handle(delivered(attempt, 1));
      await late;
    }
    expect(await row()).toMatchObject({ status: 'dead', attempts: [{ number: 1 }, { number: 2 }] });
  });

  it('is left alone by a delivery that was overtaken before it began, and by one that comes twice', async () => {
    let finish = () => {};
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const running = workerOf('other', () => gate).handle(delivered(1, 1));
    await expectStatus('running');
    const overtaken = workerOf('frozen', () => 'must not run');
    await overtaken.handle(delivered(1, 0));
    await overtaken.handle(delivered(1, 1));
    expect(await row()).toMatchObject({ status: 'running', attempts: [{ host: 'other', error: null }] });
    finish();
    await running;
    expect((await row()).status).toBe('succeeded');
  });

  async function expectStatus(status: Run['status']): Promise<void> {
    while ((await row()).status !== status) await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

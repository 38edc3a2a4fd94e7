import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/support/eventually.js';
import { JobsTest, untilAborted } from '../../test/support/jobs-test.js';

describe('runs of a module that goes', () => {
  const test = new JobsTest();

  it('end on the code that began them where the drain deadline allows it', async () => {
    const host = test.startHost();
    let finish = () => {};
    const gate = new Promise<string>((resolve) => (finish = () => resolve('old code')));
    const first = await host.serve('hello', { work: { run: () => gate } });
    const { id } = await host.service.run(await host.jobId('hello/work'));
    await test.reached(host, id, 'running');
    await host.serve('hello', { work: { run: () => 'new code' } });
    const unloading = first.unload(10_000);
    finish();
    await unloading;
    expect(await test.reached(host, id, 'succeeded')).toMatchObject({ result: 'old code', attempts: [{ number: 1 }] });
  });

  it('are begun again on the new code after the deadline, even where they may not be retried', async () => {
    const host = test.startHost();
    const job = { retries: 0, run: untilAborted };
    let served = await host.serve('hello', { work: job });
    const { id } = await host.service.run(await host.jobId('hello/work'));
    for (let attempt = 1; attempt <= 2; attempt++) {
      await eventually(async () => {
        const { status, attempts } = await host.service.getRun(id);
        expect([status, attempts.length]).toEqual(['running', attempt]);
      });
      const next = await host.serve('hello', { work: attempt === 1 ? job : { retries: 0, run: () => 'new code' } });
      await served.unload(10);
      served = next;
    }
    const cut = { interrupted: true, error: { code: 'MODULE_UNLOADED' } };
    expect(await test.reached(host, id, 'succeeded')).toMatchObject({
      result: 'new code',
      attempts: [cut, cut, { error: null }],
    });
  });

  it('have all of their attempts beside those that were cut short', async () => {
    const host = test.startHost();
    const first = await host.serve('hello', { work: { retries: 1, run: untilAborted } });
    const { id } = await host.service.run(await host.jobId('hello/work'));
    await test.reached(host, id, 'running');
    const fail = () => {
      throw new Error('broken');
    };
    await host.serve('hello', { work: { retries: 1, backoff: { type: 'fixed', delay: 0 }, run: fail } });
    await first.unload(10);
    expect((await test.reached(host, id, 'dead')).attempts).toMatchObject([
      { interrupted: true },
      { error: { message: 'broken' } },
      { error: { message: 'broken' } },
    ]);
  });

  it('are skipped when it is disabled, or held until it is enabled again, as the job says', async () => {
    const host = test.startHost();
    const jobs = {
      dropped: { run: untilAborted },
      held: { whenDisabled: 'hold', run: untilAborted },
    } as const;
    const served = await host.serve('hello', jobs);
    const ids: Record<string, string> = {};
    for (const key of ['dropped', 'held']) {
      const jobId = await host.jobId(`hello/${key}`);
      // The second of each waits for the first.
      ids[`${key} running`] = (await host.service.run(jobId)).id;
      await test.reached(host, ids[`${key} running`] ?? '', 'running');
      ids[`${key} queued`] = (await host.service.run(jobId)).id;
    }
    await host.disable('hello');
    await served.unload(10);
    const statuses = async () => {
      const runs = await Promise.all(
        Object.entries(ids).map(async ([name, id]) => [name, (await host.service.getRun(id)).status]),
      );
      return Object.fromEntries(runs) as Record<string, string>;
    };
    const afterDisable = {
      'dropped running': 'skipped',
      'dropped queued': 'skipped',
      'held running': 'queued',
      'held queued': 'queued',
    };
    await eventually(async () => expect(await statuses()).toEqual(afterDisable));
    // Held runs are not asked for again and again meanwhile.
    await eventually(async () => {
      const [row] = await test.database.dataSource.query<{ held: number }[]>(
        'SELECT count(*)::int AS held FROM nestdock.run WHERE held',
      );
      expect(row?.held).toBe(2);
    });

    const run = () => 'later';
    await host.serve('hello', { dropped: { run }, held: { whenDisabled: 'hold', run } });
    await eventually(async () =>
      expect(await statuses()).toEqual({ ...afterDisable, 'held running': 'succeeded', 'held queued': 'succeeded' }),
    );
  });
});

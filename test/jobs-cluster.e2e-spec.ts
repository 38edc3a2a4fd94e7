import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type JobView, type ListView, type RunView } from '../src/jobs/index.js';
import { describeOnPostgres, makePostgresDatabase, TEST_DATABASE_URL, type TestPlace } from './support/database.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

const SKEWED_CLOCK = fileURLToPath(new URL('support/skewed-clock.js', import.meta.url));
/** How far the clocks of the three hosts are ahead. */
const SKEWS_MS = [0, 450, 900];
const SECONDS = 60;
/** `REPEAT=5` runs the long test so many times. */
const REPEAT = Number(process.env['REPEAT'] ?? 1);

if (TEST_DATABASE_URL === undefined) console.info('TEST_DATABASE_URL is not set: no test of several hosts');

describeOnPostgres('jobs on several host processes', () => {
  let place: TestPlace;
  const hosts: HostProcess[] = [];

  beforeEach(async () => {
    place = await makePostgresDatabase();
  });
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.dispose()));
    await place.remove();
  });

  /** The first enables the module; the others find it enabled. */
  async function startHosts(module: string, envs: readonly Readonly<Record<string, string>>[]): Promise<void> {
    for (const env of envs) {
      const shared: Record<string, string> = hosts[0] ? { MODULES_DIR: hosts[0].modulesDir } : {};
      const host = await HostProcess.start({ modules: [module], env: { ...place.env, ...shared, ...env } });
      hosts.push(host);
      if (host === hosts[0]) await host.admin('POST', `/modules/${module}/enable`);
    }
  }

  const host = (index: number): HostProcess => hosts[index] as HostProcess;

  const jobId = async (module: string, key: string): Promise<string> => {
    const { body } = await host(0).admin<ListView<JobView>>('GET', `/jobs?module=${module}`);
    return body.items.find((job) => job.key === key)?.id ?? '';
  };

  const runOf = async (on: HostProcess, id: string) => (await on.admin<RunView>('GET', `/runs/${id}`)).body;

  it.each(Array.from({ length: REPEAT }, (_none, index) => index + 1))(
    'answer every tick once, though their clocks differ and one of them is killed, time %i',
    async () => {
      await startHosts(
        'ticking',
        SKEWS_MS.map((skew) => ({ CLOCK_SKEW_MS: String(skew), NODE_OPTIONS: `--import ${SKEWED_CLOCK}` })),
      );
      // From a tick that lies ahead of every clock.
      const from = Math.ceil(Date.now() / 1000) * 1000 + 2_000;
      const to = from + SECONDS * 1000;
      await sleep(from + (5 + Math.random() * 45) * 1000 - Date.now());
      const [killed] = hosts.splice(Math.floor(Math.random() * hosts.length), 1);
      await killed?.kill();
      await sleep(Math.max(0, to - Date.now()));

      const query = `job=tick&from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&limit=500`;
      let runs: readonly RunView[] = [];
      await eventually(async () => {
        const { body } = await host(0).admin<ListView<RunView>>('GET', `/runs?${query}`);
        runs = body.items;
        expect(runs.filter(({ status }) => status !== 'succeeded').map(({ id, status }) => [id, status])).toEqual([]);
      }, 20_000);
      const ticks = Array.from({ length: SECONDS }, (_none, index) => new Date(from + index * 1000).toISOString());
      expect(runs.map(({ scheduledAt }) => scheduledAt).reverse()).toEqual(ticks);
      const successes = runs.flatMap(({ attempts }) => attempts.filter(({ error }) => error === null));
      expect(successes).toHaveLength(SECONDS);
      await killed?.dispose();
    },
    150_000,
  );

  it('take a run over within 15 seconds from a host that is killed', async () => {
    await startHosts('slow', [{}, {}]);
    const id = await jobId('slow', 'sleep');
    const { body: asked } = await host(0).admin<RunView>('POST', `/jobs/${id}/run`, { config: { ms: 1_000 } });
    let owner = '';
    await eventually(async () => {
      const { attempts } = await runOf(host(0), asked.id);
      expect(attempts).toHaveLength(1);
      owner = attempts[0]?.host ?? '';
    });
    const [lost] = hosts.splice(
      hosts.findIndex(({ pid }) => owner.endsWith(`-${pid}`)),
      1,
    );
    await lost?.kill();
    await eventually(async () => expect((await runOf(host(0), asked.id)).attempts).toHaveLength(2), 15_000);
    await eventually(async () => expect((await runOf(host(0), asked.id)).status).toBe('succeeded'));
    expect((await runOf(host(0), asked.id)).attempts).toMatchObject([
      { host: owner, error: { code: 'RUN_LOST' } },
      { host: expect.not.stringMatching(owner), error: null },
    ]);
    await lost?.dispose();
  }, 60_000);

  it('cancel a run from another host within two seconds', async () => {
    await startHosts('slow', [{}, {}]);
    const id = await jobId('slow', 'sleep');
    const { body: asked } = await host(0).admin<RunView>('POST', `/jobs/${id}/run`, { config: { ms: 60_000 } });
    await eventually(async () => expect((await runOf(host(0), asked.id)).status).toBe('running'));
    const owner = (await runOf(host(0), asked.id)).attempts[0]?.host ?? '';
    const other = hosts.find(({ pid }) => !owner.endsWith(`-${pid}`));
    expect((await other?.admin('POST', `/runs/${asked.id}/cancel`))?.body).toMatchObject({ status: 'cancelled' });
    const owning = hosts.find((one) => one !== other);
    await eventually(async () => {
      const { body } = (await owning?.admin('GET', '/modules/stats')) ?? { body: {} };
      expect(body).toMatchObject({ runsInFlight: 0 });
    }, 2_000);
  }, 60_000);
});

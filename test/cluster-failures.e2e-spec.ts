import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEVER, plan } from './support/checkpoints.js';
import { Cluster } from './support/cluster.js';
import { DatabaseProxy } from './support/database-proxy.js';
import { describeOnPostgres, makePostgresDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

/** A host that is killed takes a while to come back: some of the steps stand for all, unless `CLUSTER=full`. */
const ALL = process.env['CLUSTER'] === 'full';
const TTL_MS = 1_500;
/** What the issue of a failure may take the others, from the failure on. */
const CONVERGED_WITHIN_MS = 10_000;

const answering = (answer: number) => ({
  'index.ts': `export default async (app) => { app.get('/answer', async () => ({ answer: ${answer} })); };`,
});

async function ask(host: HostProcess, module: string): Promise<number | undefined> {
  const response = await fetch(`${host.url}/api/v1/m/${module}/answer`);
  return response.ok ? ((await response.json()) as { answer: number }).answer : undefined;
}

/** As the kernel has it: `T` is stopped. */
function processState({ pid }: HostProcess): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}

describeOnPostgres('hosts of which one fails during a rollout', () => {
  let cluster: Cluster;
  const folders: string[] = [];
  let answer = 1;

  beforeAll(async () => {
    cluster = await Cluster.start(0);
    for (let i = 0; i < 3; i++) {
      const folder = await mkdtemp(join(tmpdir(), 'nestdock-checkpoints-'));
      folders.push(folder);
      await plan(folder, NEVER);
      await cluster.add(true, {
        HOST_TTL_MS: String(TTL_MS),
        NODE_OPTIONS: '--import ./test/support/kill-at-checkpoint.js',
        CHECKPOINTS: folder,
      });
    }
    await writeModule(cluster.host(0).modulesDir, { name: 'rolling', entry: './index.ts' }, answering(answer));
    await cluster.host(0).admin('POST', '/modules/scan');
    await cluster.host(0).admin('POST', '/modules/rolling/enable?wait=cluster');
  }, 60_000);
  afterAll(async () => {
    await cluster.dispose();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const [LEADER, FOLLOWER] = [0, 1] as const;
  const STEPS = [
    [LEADER, 'attached:routing'],
    [LEADER, 'rollout:offered'],
    [LEADER, 'rollout:ready'],
    [LEADER, 'enable:written'],
    [LEADER, 'enable:committed'],
    [LEADER, 'served'],
    [FOLLOWER, 'attached:routing'],
    [FOLLOWER, 'rollout:joined'],
    [FOLLOWER, 'rollout:decided'],
  ] as const;
  const cases = STEPS.flatMap(([victim, step]) =>
    (['SIGKILL', 'SIGSTOP'] as const).map((signal) => ({ victim, step, signal })),
  ).filter(({ step, signal }) => ALL || signal === 'SIGSTOP' || /^(rollout:|enable:written)/.test(step));

  it.each(cases)(
    'agree, and go on, where host $victim gets $signal at $step',
    async ({ victim, step, signal }) => {
      const others = cluster.hosts.filter((_host, index) => index !== victim);
      const before = answer;
      await writeModule(cluster.host(0).modulesDir, { name: 'rolling', entry: './index.ts' }, answering(++answer));
      await plan(folders[victim] as string, { number: 1, modules: ['rolling'], steps: `^${step}$`, signal });
      const asked = cluster
        .host(LEADER)
        .admin('POST', '/modules/rolling/reload')
        .catch((error: unknown) => error);
      if (signal === 'SIGKILL') await cluster.host(victim).ended();
      else await eventually(() => expect(processState(cluster.host(victim))).toBe('T'));
      await plan(folders[victim] as string, NEVER);

      const failedAt = Date.now();
      await eventually(async () => {
        const hosts = (await cluster.seenBy(2)).filter(({ state }) => state !== 'lost');
        expect(hosts.map(({ lag }) => lag)).toEqual([0, 0]);
        const answers = await Promise.all(others.map((host) => ask(host, 'rolling')));
        expect([
          [before, before],
          [answer, answer],
        ]).toContainEqual(answers);
      }, CONVERGED_WITHIN_MS);
      expect(Date.now() - failedAt).toBeLessThan(CONVERGED_WITHIN_MS);

      if (signal === 'SIGKILL') await cluster.host(victim).restart();
      else process.kill(cluster.host(victim).pid as number, 'SIGCONT');
      await asked;
      await eventually(async () => {
        expect((await cluster.seenBy(2)).filter(({ state }) => state === 'live')).toHaveLength(3);
        const all = await Promise.all(cluster.hosts.map((host) => ask(host, 'rolling')));
        expect(new Set(all).size).toBe(1);
      }, CONVERGED_WITHIN_MS);
      // Nothing is left of it that would keep the next one from going.
      await writeModule(cluster.host(0).modulesDir, { name: 'rolling', entry: './index.ts' }, answering(++answer));
      const { status, body } = await cluster.host(2).admin('POST', '/modules/rolling/reload?wait=cluster');
      expect([status, body]).toMatchObject([200, {}]);
      for (const host of cluster.hosts) expect(await ask(host, 'rolling')).toBe(answer);
    },
    60_000,
  );
});

describeOnPostgres('hosts whose database goes away', () => {
  it('go on with what needs no data, fail operators clearly, and catch up', async () => {
    const place = await makePostgresDatabase();
    const proxy = await DatabaseProxy.start(place.url);
    const hosts: HostProcess[] = [];
    try {
      for (const url of [proxy.url, place.url]) {
        const folder: Record<string, string> = hosts[0] ? { MODULES_DIR: hosts[0].modulesDir } : {};
        const env = { ...place.env, ...folder, DATABASE_URL: url, HOST_TTL_MS: String(TTL_MS) };
        hosts.push(await HostProcess.start({ env }));
      }
      const [cutOff, other] = hosts as [HostProcess, HostProcess];
      await writeModule(cutOff.modulesDir, { name: 'offline', entry: './index.ts' }, answering(1));
      await cutOff.admin('POST', '/modules/scan');
      expect((await cutOff.admin('POST', '/modules/offline/enable?wait=cluster')).status).toBe(200);

      const [answers, end] = [[] as unknown[], Date.now() + 4_000];
      proxy.cut();
      const asking = (async () => {
        while (Date.now() < end) answers.push(await ask(cutOff, 'offline'));
      })();
      const { status, body } = await cutOff.admin('POST', '/modules/offline/reload');
      expect(status).toBeGreaterThanOrEqual(500);
      expect(body).toMatchObject({ code: expect.any(String) });
      await sleep(TTL_MS + 500); // it counts as gone by now
      await writeModule(cutOff.modulesDir, { name: 'offline', entry: './index.ts' }, answering(2));
      const reloaded = await other.admin('POST', '/modules/offline/reload?wait=cluster');
      expect([reloaded.status, reloaded.body]).toMatchObject([200, {}]);
      await asking;
      expect(answers.length).toBeGreaterThan(100);
      expect(answers.filter((answer) => answer !== 1)).toEqual([]);

      proxy.mend();
      await eventually(async () => expect(await ask(cutOff, 'offline')).toBe(2), CONVERGED_WITHIN_MS);
      expect((await cutOff.admin('POST', '/modules/offline/reload?wait=cluster')).status).toBe(200);
    } finally {
      proxy.mend();
      await Promise.all(hosts.map((host) => host.dispose()));
      await proxy.close();
      await place.remove();
    }
  }, 60_000);
});

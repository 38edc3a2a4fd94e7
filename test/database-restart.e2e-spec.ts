import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HostView } from '../src/cluster/index.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';
import { describeOnOwnPostgres, OwnPostgres } from './support/own-postgres.js';
import { writeModule } from './support/write-module.js';

const CONVERGED_WITHIN_MS = 10_000;

const answering = (answer: number) => ({
  'index.ts': `export default async (app) => { app.get('/answer', async () => ({ answer: ${answer} })); };`,
});

describeOnOwnPostgres('three hosts whose PostgreSQL is restarted', () => {
  let postgres: OwnPostgres;
  const hosts: HostProcess[] = [];
  let version = 1;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
    for (let i = 0; i < 3; i++) {
      const folder: Record<string, string> = hosts[0] ? { MODULES_DIR: hosts[0].modulesDir } : {};
      const env = { DATABASE_URL: postgres.url, ADMIN_TOKEN: 'test-admin-token', SECRET_KEY: 'test-secret-key' };
      hosts.push(await HostProcess.start({ env: { ...env, ...folder, HOST_TTL_MS: '2000' } }));
    }
    await write();
    await first().admin('POST', '/modules/scan');
    expect((await first().admin('POST', '/modules/steady/enable?wait=cluster')).status).toBe(200);
  }, 90_000);
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.dispose()));
    await postgres.remove();
  }, 60_000);

  const first = () => hosts[0] as HostProcess;
  const write = () => writeModule(first().modulesDir, { name: 'steady', entry: './index.ts' }, answering(version));
  const ask = async (host: HostProcess) => {
    const response = await fetch(`${host.url}/api/v1/m/steady/answer`);
    return { status: response.status, ...((await response.json()) as { answer?: number }) };
  };

  it.each([
    ['in good order', 'SIGINT', 500],
    ['after a crash', 'SIGQUIT', 500],
    ['after it was away for longer than the hosts wait for each other', 'SIGINT', 4_000],
  ] as const)(
    'fail no request, and agree once it is back: %s',
    async (_how, signal, awayMs) => {
      const wrong: unknown[] = [];
      let [asked, done] = [0, false];
      const client = async (index: number) => {
        for (let i = index; !done; i++) {
          const answer = await ask(hosts[i % 3] as HostProcess);
          asked++;
          if (answer.status !== 200) wrong.push(answer);
        }
      };
      const clients = Array.from({ length: 6 }, (_none, index) => client(index));
      await sleep(300);
      await postgres.down(signal);
      const ready = await fetch(`${first().url}/health/ready`);
      expect(ready.status).toBe(503);
      await sleep(awayMs);
      await postgres.up();

      const back = Date.now();
      version++;
      await write();
      await eventually(async () => {
        const { status } = await (hosts[1] as HostProcess).admin('POST', '/modules/steady/reload?wait=cluster');
        expect(status).toBe(200);
        for (const host of hosts) {
          const { body } = await host.admin<{ hosts: readonly HostView[] }>('GET', '/cluster');
          expect(body.hosts.map(({ state, lag }) => [state, lag])).toEqual(
            Array.from({ length: 3 }, () => ['live', 0]),
          );
        }
        expect(await Promise.all(hosts.map(ask))).toEqual(hosts.map(() => ({ status: 200, answer: version })));
      }, CONVERGED_WITHIN_MS);
      expect(Date.now() - back).toBeLessThan(CONVERGED_WITHIN_MS);
      done = true;
      await Promise.all(clients);
      expect(wrong).toEqual([]);
      expect(asked).toBeGreaterThan(500);
    },
    60_000,
  );
});

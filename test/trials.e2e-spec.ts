import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RolloutView } from '../src/cluster/index.js';
import { Cluster } from './support/cluster.js';
import { describeOnPostgres } from './support/database.js';
import { eventually } from './support/eventually.js';
import { type HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

const USERS = Array.from({ length: 200 }, (_none, index) => `user-${index}`);

const answering = (answer: number, status = 200) => ({
  'index.ts': `export default async (app) => {
    app.get('/answer', async (request, reply) => reply.code(${status}).send({ answer: ${answer} }));
  };`,
});

/** Ends the process that it runs in. */
const DYING = {
  'index.ts': `export default async (app) => {
    app.get('/answer', () => process._kill(process.pid, 9));
  };`,
};

interface Answer {
  readonly user: string;
  readonly status: number;
  readonly answer: number;
}

describeOnPostgres('a release that is tried on a part', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(3, { env: { HOST_TTL_MS: '2000', ROLLOUT_USER_HEADER: 'X-User' } });
  }, 60_000);
  afterAll(() => cluster.dispose());

  const write = (name: string, files: Readonly<Record<string, string>>, manifest: object = {}) =>
    writeModule(cluster.host(0).modulesDir, { name, entry: './index.ts', ...manifest }, files);
  const enable = async (name: string, manifest: object = {}) => {
    await write(name, answering(1), manifest);
    await cluster.host(0).admin('POST', '/modules/scan');
    const { status, body } = await cluster.host(0).admin('POST', `/modules/${name}/enable?wait=cluster`);
    expect([status, body]).toMatchObject([200, {}]);
  };
  const ask = async (host: HostProcess, name: string, user: string): Promise<Answer> => {
    const response = await fetch(`${host.url}/api/v1/m/${name}/answer`, { headers: { 'x-user': user } });
    return { user, status: response.status, ...((await response.json()) as { answer: number }) };
  };
  const askAll = async (name: string) => {
    const answers: Answer[] = [];
    for (const user of USERS) answers.push(...(await Promise.all(cluster.hosts.map((host) => ask(host, name, user)))));
    return answers;
  };
  const rollouts = async (index: number) =>
    (await cluster.host(index).admin<{ rollouts: readonly RolloutView[] }>('GET', '/cluster')).body.rollouts;
  /** All hosts know by then. */
  const begun = (name: string, percent: number) =>
    eventually(async () => {
      const [rollout] = (await rollouts(0)).filter(({ module }) => module === name);
      expect(rollout).toMatchObject({ percent });
    });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 500));

  it('serves the same few users on every host, and then all', async () => {
    await enable('good');
    await write('good', answering(2));
    const tried = cluster
      .host(1)
      .admin('POST', '/modules/good/reload?strategy=canary&percent=10&windowMs=6000&wait=cluster');
    await begun('good', 10);
    await settle();
    const met = (await askAll('good')).filter(({ answer }) => answer === 2).map(({ user }) => user);
    const users = new Set(met);
    expect(met).toHaveLength(users.size * 3);
    expect(users.size).toBeGreaterThan(USERS.length * 0.03);
    expect(users.size).toBeLessThan(USERS.length * 0.2);
    expect((await rollouts(2))[0]).toMatchObject({ module: 'good', strategy: 'canary', percent: 10, errors: 0 });
    const { status, body } = await tried;
    expect([status, body]).toMatchObject([200, { error: null }]);
    expect((await askAll('good')).every(({ answer }) => answer === 2)).toBe(true);
    expect(await rollouts(0)).toEqual([]);
  }, 60_000);

  it.each([
    ['where it fails', 'bad', {}, answering(2, 500), 500],
    ['where it fails in a process of its own', 'bad-apart', { isolation: 'process' }, answering(2, 500), 500],
    ['where its process ends', 'dies-apart', { isolation: 'process' }, DYING, 502],
  ])(
    'gives way by itself %s, and nearly nobody has met it',
    async (_where, name, manifest, next, answered) => {
      await enable(name, manifest);
      const { body: before } = await cluster.host(0).admin('GET', `/modules/${name}`);
      await write(name, next, manifest);
      const tryOut = `/modules/${name}/reload?strategy=canary&percent=5&windowMs=60000`;
      const begin = await cluster.host(2).admin('POST', tryOut);
      expect(begin.status).toBe(202);
      const met = new Set<string>();
      const statuses = new Set<number>();
      const asked = new Set<string>();
      await eventually(async () => {
        for (const { user, status } of await askAll(name)) {
          asked.add(user);
          statuses.add(status);
          if (status !== 200) met.add(user);
        }
        expect(await rollouts(0)).toEqual([]);
      }, 30_000);
      expect(asked.size).toBe(USERS.length);
      expect([...statuses]).toContain(answered);
      expect(met.size).toBeLessThanOrEqual(USERS.length * 0.05);
      await eventually(async () => {
        for (const host of cluster.hosts) {
          const { body } = await host.admin('GET', `/modules/${name}`);
          expect(body).toMatchObject({
            status: 'ENABLED',
            release: before['release'],
            error: { code: 'ROLLOUT_FAILED', strategy: 'canary' },
          });
        }
      });
      expect((await askAll(name)).every(({ status, answer }) => status === 200 && answer === 1)).toBe(true);
    },
    60_000,
  );

  it('comes to one host after the other', async () => {
    await enable('rolled');
    await write('rolled', answering(2));
    const rolling = cluster.host(0).admin('POST', '/modules/rolled/reload?strategy=rolling&windowMs=1500&wait=cluster');
    const counts = new Set<number>();
    let done = false;
    void rolling.finally(() => (done = true));
    while (!done) {
      const answers = await Promise.all(cluster.hosts.map((host) => ask(host, 'rolled', 'somebody')));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      counts.add(answers.filter(({ answer }) => answer === 2).length);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await rolling).status).toBe(200);
    expect([...counts]).toEqual(expect.arrayContaining([0, 1, 2, 3]));
  }, 60_000);

  it('is given up by an operator, or where the module is disabled, on any host', async () => {
    await enable('stopped');
    await write('stopped', answering(2));
    const tryOut = (host: number) =>
      cluster
        .host(host)
        .admin('POST', '/modules/stopped/reload?strategy=canary&percent=50&windowMs=60000&wait=cluster');
    const first = tryOut(0);
    await begun('stopped', 50);
    const other = await cluster.host(1).admin('POST', '/modules/stopped/reload');
    expect([other.status, other.body]).toMatchObject([409, { code: 'ROLLOUT_CONFLICT' }]);
    expect((await cluster.host(1).admin('DELETE', '/modules/stopped/rollout')).status).toBe(204);
    expect((await first).body).toMatchObject({ code: 'ROLLOUT_ABANDONED' });
    await eventually(async () => {
      expect((await askAll('stopped')).every(({ answer }) => answer === 1)).toBe(true);
    });
    const none = await cluster.host(1).admin('DELETE', '/modules/stopped/rollout');
    expect([none.status, none.body]).toMatchObject([404, { code: 'ROLLOUT_UNKNOWN' }]);

    const second = tryOut(2);
    await begun('stopped', 50);
    await cluster.host(1).admin('POST', '/modules/stopped/disable?wait=cluster');
    expect((await second).body).toMatchObject({ code: 'ROLLOUT_ABANDONED' });
    for (const host of cluster.hosts) expect((await ask(host, 'stopped', 'x')).status).toBe(404);
  }, 60_000);

  it('goes with the host that leads it', async () => {
    await enable('led');
    await write('led', answering(2));
    const leader = await cluster.add(true, { HOST_TTL_MS: '2000', ROLLOUT_USER_HEADER: 'X-User' });
    cluster.hosts.pop();
    try {
      await leader.admin('POST', '/modules/led/reload?strategy=canary&percent=50&windowMs=60000');
      await begun('led', 50);
      process.kill(leader.pid as number, 'SIGKILL');
    } finally {
      await leader.dispose();
    }
    await eventually(async () => {
      expect((await askAll('led')).every(({ status, answer }) => status === 200 && answer === 1)).toBe(true);
    }, 10_000);
    const { status } = await cluster.host(0).admin('POST', '/modules/led/reload?wait=cluster');
    expect(status).toBe(200);
    expect((await askAll('led')).every(({ answer }) => answer === 2)).toBe(true);
  }, 60_000);

  it('cannot be tried where nothing serves, or its generations must not meet', async () => {
    await enable('alone', { reload: 'stop-start' });
    const meeting = await cluster.host(0).admin('POST', '/modules/alone/reload?strategy=canary');
    expect([meeting.status, meeting.body]).toMatchObject([409, { code: 'TRIAL_IMPOSSIBLE' }]);
    await cluster.host(0).admin('POST', '/modules/alone/disable?wait=cluster');
    const first = await cluster.host(0).admin('POST', '/modules/alone/enable?strategy=rolling');
    expect([first.status, first.body]).toMatchObject([409, { code: 'TRIAL_IMPOSSIBLE' }]);
    const vain = await cluster.host(0).admin('POST', '/modules/alone/enable?percent=5');
    expect([vain.status, vain.body]).toMatchObject([
      400,
      { code: 'REQUEST_INVALID', problems: [{ pointer: '/percent' }] },
    ]);
  }, 60_000);
});

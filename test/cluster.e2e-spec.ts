import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { Cluster } from './support/cluster.js';
import { describeOnPostgres } from './support/database.js';
import { eventually } from './support/eventually.js';
import { type HostProcess } from './support/host-process.js';
import { RoundRobinProxy } from './support/round-robin-proxy.js';
import { writeModule } from './support/write-module.js';

const CHANGES = Number(process.env['CLUSTER_CHANGES'] ?? 100);
const TTL_MS = 2_000;

const answering = (answer: number) => ({
  'index.ts': `export default async (app) => { app.get('/answer', async () => ({ answer: ${answer} })); };`,
});

/** Answers with its code's number and its setting's. */
const steady = (answer: number) => ({
  'index.ts': `export default async (app, { context }) => {
    app.get('/answer', async () => ({ answer: ${answer}, level: context.settings.level }));
  };`,
});

interface Answer {
  readonly status: number;
  readonly answer?: number;
  readonly level?: number;
}

async function ask({ url }: { readonly url: string }, module: string): Promise<Answer> {
  const response = await fetch(`${url}/api/v1/m/${module}/answer`);
  const { answer, level } = (await response.json()) as Partial<Answer>;
  return { status: response.status, ...(answer !== undefined && { answer }), ...(level !== undefined && { level }) };
}

describeOnPostgres('three hosts with one folder of modules', () => {
  let cluster: Cluster;
  let proxy: RoundRobinProxy;
  beforeAll(async () => {
    cluster = await Cluster.start(3, { env: { HOST_TTL_MS: String(TTL_MS) } });
    proxy = await RoundRobinProxy.start(() => cluster.hosts.map(({ url }) => url));
  }, 60_000);
  afterAll(async () => {
    await proxy.close();
    await cluster.dispose();
  });

  const write = (name: string, answer: number) =>
    writeModule(cluster.host(0).modulesDir, { name, entry: './index.ts' }, answering(answer));
  const anyHost = () => cluster.host(Math.floor(Math.random() * cluster.hosts.length));
  const operate = async (host: HostProcess, name: string, what: string) => {
    const { status, body } = await host.admin('POST', `/modules/${name}/${what}?wait=cluster`);
    expect([status, body]).toMatchObject([200, {}]);
    return body;
  };

  it('follow what any of them is told, and no request fails', async () => {
    const { modulesDir } = cluster.host(0);
    const manifest = { name: 'steady', entry: './index.ts', settings: { level: { type: 'number', default: 0 } } };
    await write('moving', 0);
    await writeModule(modulesDir, manifest, steady(0));
    await cluster.host(0).admin('POST', '/modules/scan');
    for (const name of ['steady', 'moving']) await operate(cluster.host(1), name, 'enable');

    const wrong: unknown[] = [];
    let [least, leastLevel, asked, done, isEnabled] = [0, 0, 0, false, true];
    const client = async () => {
      while (!done) {
        // No answer may be older than what was settled when it was asked for.
        const expected = { answer: least, level: leastLevel };
        const { status, answer = -1, level = -1 } = await ask(proxy, 'steady');
        asked++;
        if (status !== 200 || answer < expected.answer || level < expected.level)
          wrong.push({ status, answer, level, expected });
      }
    };
    const clients = Array.from({ length: 6 }, client);
    const changes = [
      async (change: number) => {
        await writeModule(modulesDir, manifest, steady(change));
        await operate(anyHost(), 'steady', 'reload');
        least = change;
      },
      async (change: number) => {
        const put = await anyHost().admin('PUT', '/modules/steady/settings?wait=cluster', { level: change });
        expect([put.status, put.body]).toMatchObject([200, {}]);
        leastLevel = change;
      },
      async () => {
        await operate(anyHost(), 'moving', isEnabled ? 'disable' : 'enable');
        isEnabled = !isEnabled;
        const answers = await Promise.all(cluster.hosts.map((host) => ask(host, 'moving')));
        expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 3 }, () => (isEnabled ? 200 : 404)));
      },
    ];
    for (let change = 1; change <= CHANGES; change++) await changes[change % changes.length]?.(change);
    done = true;
    await Promise.all(clients);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(100);

    for (const index of [0, 1, 2]) {
      const hosts = await cluster.seenBy(index);
      expect(hosts.map(({ state, lag }) => [state, lag])).toEqual([
        ['live', 0],
        ['live', 0],
        ['live', 0],
      ]);
      const releases = hosts.map(({ modules }) =>
        modules.map(({ name, release, revision, settings, error }) => [name, release, revision, settings, error]),
      );
      expect(releases[1]).toEqual(releases[0]);
      expect(releases[2]).toEqual(releases[0]);
    }
  }, 120_000);

  it('refuse a change that is based on an old revision, or comes at the same moment as another', async () => {
    await write('contested', 1);
    await cluster.host(0).admin('POST', '/modules/scan');
    await operate(cluster.host(0), 'contested', 'enable');
    const { body } = await cluster.host(1).admin<{ revision: number }>('GET', '/modules/contested');
    const based = (revision: number) => ({ 'if-match': `"${revision}"` });
    const stale = await cluster.host(2).admin('POST', '/modules/contested/reload', undefined, based(body.revision - 1));
    expect([stale.status, stale.body]).toMatchObject([409, { code: 'REVISION_CONFLICT', revision: body.revision }]);

    await write('contested', 2);
    const outcomes = await Promise.all(
      [0, 1].map((index) =>
        cluster.host(index).admin('POST', '/modules/contested/reload?wait=cluster', undefined, based(body.revision)),
      ),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(outcomes.find(({ status }) => status === 409)?.body['code']).toMatch(/^(REVISION|ROLLOUT)_CONFLICT$/);
    for (const host of cluster.hosts) expect(await ask(host, 'contested')).toEqual({ status: 200, answer: 2 });
  }, 60_000);

  it('change nothing anywhere where one of them cannot serve the release', async () => {
    const failing = `if (process.env.BREAKS_HERE) throw new Error('not on this host'); ${answering(2)['index.ts']}`;
    await cluster.add(true, { HOST_TTL_MS: String(TTL_MS), BREAKS_HERE: '1' });
    const [weak] = cluster.hosts.splice(3, 1);
    try {
      await write('fragile', 1);
      await cluster.host(0).admin('POST', '/modules/scan');
      await operate(cluster.host(0), 'fragile', 'enable');
      await writeModule(cluster.host(0).modulesDir, { name: 'fragile', entry: './index.ts' }, { 'index.ts': failing });
      const { status, body } = await cluster.host(1).admin('POST', '/modules/fragile/reload');
      expect([status, body]).toMatchObject([
        422,
        { code: 'ROLLOUT_FAILED', hosts: [{ error: { code: 'MODULE_EVALUATION_FAILED' } }] },
      ]);
      for (const host of [...cluster.hosts, weak as HostProcess]) {
        expect(await ask(host, 'fragile')).toEqual({ status: 200, answer: 1 });
      }
    } finally {
      await weak?.dispose();
    }
  }, 60_000);

  it('go back to an earlier bundle', async () => {
    await write('rolled', 1);
    await cluster.host(0).admin('POST', '/modules/scan');
    const { bundle } = await operate(cluster.host(0), 'rolled', 'enable');
    await write('rolled', 2);
    await operate(cluster.host(1), 'rolled', 'reload');
    const back = await cluster.host(2).admin('POST', '/modules/rolled/rollback?wait=cluster', { hash: bundle });
    expect([back.status, back.body]).toMatchObject([200, { bundle }]);
    for (const host of cluster.hosts) expect(await ask(host, 'rolled')).toEqual({ status: 200, answer: 1 });
    const unknown = await cluster.host(2).admin('POST', '/modules/rolled/rollback', { hash: 'f'.repeat(64) });
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'RELEASE_UNKNOWN' }]);
  }, 60_000);

  it('all take out what one of them has quarantined, until an operator lets it back', async () => {
    const crashing = `export default async (app) => {
      app.get('/answer', async () => ({ answer: 1 }));
      app.get('/crash', async () => { setTimeout(() => { throw new Error('for nothing'); }); return {}; });
    };`;
    await writeModule(cluster.host(0).modulesDir, { name: 'crashing', entry: './index.ts' }, { 'index.ts': crashing });
    await cluster.host(0).admin('POST', '/modules/scan');
    await operate(cluster.host(0), 'crashing', 'enable');
    for (let i = 0; i < 5; i++) await fetch(`${cluster.host(1).url}/api/v1/m/crashing/crash`);
    await eventually(async () => {
      const statuses = await Promise.all(cluster.hosts.map(async (host) => (await ask(host, 'crashing')).status));
      expect(statuses).toEqual([503, 503, 503]);
      for (const host of cluster.hosts) {
        const { body } = await host.admin('GET', '/modules/crashing');
        expect(body).toMatchObject({ state: 'quarantined', error: { code: 'MODULE_QUARANTINED' } });
      }
    }, 5_000);
    await operate(cluster.host(2), 'crashing', 'enable');
    for (const host of cluster.hosts) expect(await ask(host, 'crashing')).toEqual({ status: 200, answer: 1 });
  }, 60_000);

  it('serve nothing old once they wake from a long sleep', async () => {
    await write('slept', 1);
    await cluster.host(0).admin('POST', '/modules/scan');
    await operate(cluster.host(0), 'slept', 'enable');
    const sleeper = cluster.host(2);
    process.kill(sleeper.pid as number, 'SIGSTOP');
    const waiting = [];
    try {
      await write('slept', 2);
      await operate(cluster.host(0), 'slept', 'reload');
      // They wait in its socket, and are the first that it reads when it wakes.
      for (let i = 0; i < 20; i++) waiting.push(ask(sleeper, 'slept'));
      await eventually(async () => {
        expect((await cluster.seenBy(0)).map(({ state }) => state)).toContain('lost');
      });
    } finally {
      process.kill(sleeper.pid as number, 'SIGCONT');
    }
    for (const answer of await Promise.all(waiting)) expect(answer).not.toEqual({ status: 200, answer: 1 });
    await eventually(async () => expect(await ask(sleeper, 'slept')).toEqual({ status: 200, answer: 2 }), 10_000);
  }, 60_000);
});

describeOnPostgres('a host without the folder of a module', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(2, { shareModules: false, env: { HOST_TTL_MS: String(TTL_MS) } });
    await writeModule(cluster.host(0).modulesDir, { name: 'sent', entry: './index.ts' }, answering(7));
    await cluster.host(0).admin('POST', '/modules/scan');
    await cluster.host(0).admin('POST', '/modules/sent/enable?wait=cluster');
  }, 60_000);
  afterAll(() => cluster.dispose());

  it('serves it, also after a start and where it is enabled there', async () => {
    expect(await ask(cluster.host(1), 'sent')).toEqual({ status: 200, answer: 7 });
    await cluster.host(1).terminate();
    await cluster.host(1).restart();
    expect(await ask(cluster.host(1), 'sent')).toEqual({ status: 200, answer: 7 });
    await cluster.host(1).admin('POST', '/modules/sent/disable?wait=cluster');
    expect((await ask(cluster.host(0), 'sent')).status).toBe(404);
    const { status } = await cluster.host(1).admin('POST', '/modules/sent/enable?wait=cluster');
    expect(status).toBe(200);
    expect(await ask(cluster.host(0), 'sent')).toEqual({ status: 200, answer: 7 });
  }, 60_000);

  it('refuses one that a single byte was changed of', async () => {
    await cluster.host(1).terminate();
    const client = new pg.Client({ connectionString: cluster.url });
    await client.connect();
    await client.query('UPDATE nestdock.module_release SET content = set_byte(content, 60, get_byte(content, 60) # 1)');
    await client.end();
    await cluster.host(1).restart();
    expect((await ask(cluster.host(1), 'sent')).status).toBe(503);
    const { body } = await cluster.host(1).admin('GET', '/modules/sent');
    expect(body).toMatchObject({ state: 'failed', error: { code: 'RELEASE_DAMAGED' } });
    expect(await ask(cluster.host(0), 'sent')).toEqual({ status: 200, answer: 7 });
  }, 60_000);
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatabaseForHost, describeOnBothDatabases } from './support/both-databases.js';
import { HostProcess } from './support/host-process.js';
import { writeModule } from './support/write-module.js';

const TOKEN = 'an-admin-token-that-nobody-may-read';
const KEY = 'a-secret-key-that-nobody-may-read-0123456789';

/** What a module may try, as functions of what it was told: each answers what it got. */
const ATTEMPTS = `
  import childProcess from 'node:child_process';
  import dgram from 'node:dgram';
  import fs from 'node:fs';
  import http from 'node:http';
  import net from 'node:net';
  import path from 'node:path';
  import workers from 'node:worker_threads';

  const connecting = (socket) => new Promise((resolve, reject) => socket.on('connect', () => resolve('connected')).on('error', reject));
  const listening = (server) => new Promise((resolve, reject) => server.on('listening', () => resolve('listens')).on('error', reject));

  export const attempts = {
    environment: () => JSON.stringify(process.env),
    'environment of the host': () => fs.readFileSync('/proc/' + process.ppid + '/environ', 'utf8'),
    'memory of the host': () => fs.readFileSync('/proc/' + process.ppid + '/mem'),
    'command line of the host': () => fs.readFileSync('/proc/' + process.ppid + '/cmdline', 'utf8'),
    'a file': ({ file }) => fs.readFileSync(file, 'utf8'),
    'a file, by promise': ({ file }) => fs.promises.readFile(file, 'utf8'),
    'a file, by way of its own folder': ({ file }) => fs.readFileSync(path.join(import.meta.dirname, '..', path.relative(path.join(import.meta.dirname, '..'), file)), 'utf8'),
    'a file, by a buffer': ({ file }) => fs.readFileSync(Buffer.from(file), 'utf8'),
    'a file, by an URL': ({ file }) => fs.readFileSync(new URL('file://' + file), 'utf8'),
    'a file, as a stream': ({ file }) => new Promise((resolve, reject) => fs.createReadStream(file).on('data', (chunk) => resolve(String(chunk))).on('error', reject)),
    'a file, by require': ({ file }) => require(file),
    'a folder': ({ file }) => fs.readdirSync(file).join(),
    'whether a file is there': ({ file }) => fs.statSync(file).size,
    'a copy of a file': ({ file }) => { fs.copyFileSync(file, path.join(process.env.TMPDIR, 'copy')); return 'copied'; },
    'a link to a file': ({ file }) => { const link = path.join(process.env.TMPDIR, 'link'); fs.symlinkSync(file, link); return fs.readFileSync(link, 'utf8'); },
    'a hard link to a file': ({ file }) => { fs.linkSync(file, path.join(process.env.TMPDIR, 'hard')); return 'linked'; },
    'to write a file': ({ file }) => { fs.writeFileSync(file, 'mine'); return 'written'; },
    'to remove a file': ({ file }) => { fs.unlinkSync(file); return 'removed'; },
    'to open a file': ({ file }) => fs.openSync(file, 'r'),
    'Node itself, to read a file': ({ file }) => process.binding('fs').internalModuleReadJSON(file),
    'a program': () => childProcess.execSync('id', { encoding: 'utf8' }),
    'another Node': () => { childProcess.fork(import.meta.filename); return 'forked'; },
    'a thread': () => { new workers.Worker('1', { eval: true }); return 'started'; },
    'a native addon': ({ file }) => process.dlopen({ exports: {} }, file),
    'a signal to the host': () => { process._kill(process.ppid, 9); return 'sent'; },
    'to become root': () => { process.setuid(0); return 'root'; },
    'a connection': ({ port }) => connecting(net.connect({ port, host: '127.0.0.1' })),
    'a connection of a class': ({ port }) => connecting(new net.Socket().connect(port, '127.0.0.1')),
    'a request': ({ port }) => fetch('http://127.0.0.1:' + port + '/health').then((answer) => answer.text()),
    'a request by node:http': ({ port }) => new Promise((resolve, reject) => http.get({ port }, () => resolve('answered')).on('error', reject)),
    'a datagram': () => new Promise((resolve, reject) => dgram.createSocket('udp4').send('x', 9, '127.0.0.1', (error) => error ? reject(error) : resolve('sent'))),
    'a port': () => listening(net.createServer().listen(0)),
    'a port by node:http': () => listening(http.createServer().listen(0)),
    'another Unix socket': ({ file }) => listening(net.createServer().listen(file)),
    'a query': ({ sql }, context) => context.dataSource.query(sql).then((rows) => JSON.stringify(rows)),
  };

  export default async (request, reply, context) => {
    const { what, ...told } = request.body;
    try {
      return { got: String(await attempts[what](told, context)) };
    } catch (error) {
      return { refused: error.code ?? error.message };
    }
  };`;

const FILES = { 'attempts.ts': ATTEMPTS, 'own.txt': 'its own' };

describeOnBothDatabases('what an isolated module may not', (make) => {
  let database: DatabaseForHost;
  let host: HostProcess;

  beforeAll(async () => {
    database = await make();
    const secrets = { ADMIN_TOKEN: TOKEN, SECRET_KEY: KEY };
    host = await HostProcess.start({ env: { ...database.env, ...secrets, THEIR_API_KEY: 'theirs', TZ: 'UTC' } });
    const routes = [{ method: 'POST', path: '/try', handler: './attempts.ts' }];
    await writeModule(host.modulesDir, { name: 'prisoner', isolation: 'process', routes }, FILES);
    await writeModule(
      host.modulesDir,
      { name: 'prisoner-next-door', entry: './secret.ts' },
      { 'secret.ts': 'export default async () => undefined;' },
    );
    await writeFile(join(host.dataDir, 'admin-token'), TOKEN);
    await host.admin('POST', '/modules/scan');
    for (const name of ['prisoner', 'prisoner-next-door']) {
      const { body } = await host.admin('POST', `/modules/${name}/enable`);
      expect(body['state']).toBe('active');
    }
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });

  const attempt = async (what: string, told: object = {}): Promise<{ got?: string; refused?: string }> => {
    const response = await fetch(`${host.url}/api/v1/m/prisoner/try`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ what, ...told }),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as { got?: string; refused?: string };
  };

  it('reads files of its own folder, so that all else is known to be refused', async () => {
    expect(await attempt('a file', { file: join(host.modulesDir, 'prisoner', 'own.txt') })).toEqual({ got: 'its own' });
  });

  it('finds in its environment nothing of the host', async () => {
    const { got = '' } = await attempt('environment');
    expect(Object.keys(JSON.parse(got) as object).filter((name) => !name.startsWith('NODE_'))).toEqual([
      'TZ',
      'HOME',
      'TMPDIR',
    ]);
    for (const secret of [TOKEN, KEY, 'theirs', 'postgres:']) expect(got).not.toContain(secret);
  });

  it.each(['environment of the host', 'memory of the host', 'command line of the host'])(
    'may not read the %s',
    async (what) => {
      expect(await attempt(what)).toEqual({ refused: 'ERR_ACCESS_DENIED' });
    },
  );

  const places = {
    'the admin token': () => join(host.dataDir, 'admin-token'),
    'a file of another module': () => join(host.modulesDir, 'prisoner-next-door', 'secret.ts'),
    'a file of the machine': () => '/etc/passwd',
  };
  const ways = [
    'a file',
    'a file, by promise',
    'a file, by way of its own folder',
    'a file, by a buffer',
    'a file, by an URL',
    'a file, as a stream',
    'whether a file is there',
    'a copy of a file',
    'a link to a file',
    'a hard link to a file',
    'to open a file',
    'to write a file',
    'to remove a file',
  ];

  it.each(Object.keys(places).flatMap((place) => ways.map((way) => [place, way] as const)))(
    'may not touch %s: %s',
    async (place, way) => {
      const file = places[place as keyof typeof places]();
      const { got, refused } = await attempt(way, { file });
      expect([got, refused]).toEqual([undefined, expect.stringMatching(/^(ERR_ACCESS_DENIED|EACCES|EPERM)$/)]);
      expect(await readFile(file, 'utf8')).not.toBe('mine');
    },
  );

  it('is not loaded with a link that leads out of its folder', async () => {
    await writeModule(
      host.modulesDir,
      { name: 'smuggler', isolation: 'process', entry: './index.ts' },
      { 'index.ts': 'export default async () => undefined;' },
    );
    await symlink('/etc/passwd', join(host.modulesDir, 'smuggler', 'innocent.txt'));
    await symlink('index.ts', join(host.modulesDir, 'smuggler', 'within.ts'));
    await host.admin('POST', '/modules/scan');
    const { status, body } = await host.admin<{ problems: { file: string }[] }>('POST', '/modules/smuggler/enable');
    expect([status, body]).toMatchObject([422, { code: 'LINK_LEAVES_FOLDER', problems: [{ file: 'innocent.txt' }] }]);
  });

  it('may not read by require what is outside of its folder', async () => {
    const file = join(host.modulesDir, 'prisoner-next-door', 'manifest.json');
    expect((await attempt('a file, by require', { file })).got).toBeUndefined();
    expect((await attempt('Node itself, to read a file', { file })).got ?? '').not.toContain('prisoner-next-door');
  });

  it('may not list folders that are not its own', async () => {
    for (const file of ['/etc', host.modulesDir, host.dataDir]) {
      expect(await attempt('a folder', { file })).toEqual({ refused: 'ERR_ACCESS_DENIED' });
    }
  });

  it('may not write into its own folder', async () => {
    const file = join(host.modulesDir, 'prisoner', 'own.txt');
    expect(await attempt('to write a file', { file })).toEqual({ refused: 'ERR_ACCESS_DENIED' });
  });

  it.each(['a program', 'another Node', 'a thread', 'a native addon', 'to become root'])(
    'may not have %s',
    async (what) => {
      const { got, refused } = await attempt(what, { file: '/nothing.node' });
      expect([got, refused]).toEqual([
        undefined,
        expect.stringMatching(/^(ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|ERR_DLOPEN_FAILED|PROCESS_CALL_REFUSED|EPERM)$/),
      ]);
    },
  );

  it.each([
    'a connection',
    'a connection of a class',
    'a request by node:http',
    'a datagram',
    'a port',
    'a port by node:http',
  ])('may not have %s', async (what) => {
    expect(await attempt(what, { port: Number(new URL(host.url).port) })).toEqual({ refused: 'PERMISSION_DENIED' });
  });

  it('may not ask the host over the network', async () => {
    expect((await attempt('a request', { port: Number(new URL(host.url).port) })).got).toBeUndefined();
  });

  it('may not listen where others would find it', async () => {
    expect(await attempt('another Unix socket', { file: '/tmp/prisoner.sock' })).toEqual({
      refused: 'PERMISSION_DENIED',
    });
  });

  it('may not end the host, where it has a user of its own', async () => {
    if (process.getuid?.() !== 0) return;
    const { got, refused } = await attempt('a signal to the host');
    expect([got, refused]).not.toEqual(['0', undefined]);
    expect((await fetch(`${host.url}/health`)).status).toBe(200);
  });

  it('may not read the tables of the host or of others, where the database knows roles', async () => {
    if (database.env['DATABASE_URL'] === undefined) return;
    for (const table of ['nestdock.module', 'nestdock.module_settings', 'nestdock.secret_key', 'pgboss.job']) {
      expect(await attempt('a query', { sql: `SELECT * FROM ${table}` })).toEqual({ refused: '42501' });
    }
    expect(await attempt('a query', { sql: 'CREATE TABLE m_prisoner_next_door.mine ()' })).toEqual({
      refused: '42501',
    });
    expect(await attempt('a query', { sql: 'SELECT current_schema() AS own' })).toEqual({
      got: '[{"own":"m_prisoner"}]',
    });
  });

  it('may do what it is granted', async () => {
    const routes = [{ method: 'POST', path: '/try', handler: './attempts.ts' }];
    const permissions = [
      'network:outbound',
      'network:listen',
      'filesystem:read',
      'process:spawn',
      'environment:THEIR_API_KEY',
    ];
    await host.admin('POST', '/modules/prisoner/disable');
    await host.admin('DELETE', '/modules/prisoner');
    await writeModule(host.modulesDir, { name: 'prisoner', isolation: 'process', routes, permissions }, FILES);
    await host.admin('POST', '/modules/scan');
    expect((await host.admin('POST', '/modules/prisoner/enable')).status).toBe(200);
    const port = Number(new URL(host.url).port);
    for (const what of ['a connection', 'a request', 'a port', 'a program', 'a thread']) {
      expect((await attempt(what, { port })).got).toBeDefined();
    }
    expect((await attempt('a file', { file: '/etc/passwd' })).got).toContain('root:');
    expect((await attempt('environment')).got).toContain('"THEIR_API_KEY":"theirs"');
    expect(await attempt('to write a file', { file: '/etc/mine' })).toEqual({ refused: 'ERR_ACCESS_DENIED' });
  });
});

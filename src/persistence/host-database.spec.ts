import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testTemplate } from '../../test/support/database.js';
import { HostDatabase } from './host-database.js';

describe('HostDatabase, embedded', () => {
  let parent: string;
  let dataDir: string;
  let template: string;

  beforeEach(async () => {
    template = await testTemplate();
    parent = await mkdtemp(join(tmpdir(), 'nestdock-host-'));
    dataDir = join(parent, 'data');
  });

  afterEach(() => rm(parent, { recursive: true, force: true }));

  const open = (): Promise<HostDatabase> => HostDatabase.open({ databaseUrl: undefined, dataDir, template });

  it('makes its folder for its owner alone, and keeps what it was told', async () => {
    const first = await open();
    await first.pool.query('CREATE TABLE kept AS SELECT 42 AS answer');
    await first.close();
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(dataDir)).toEqual(['database']);

    const again = await open();
    expect((await again.pool.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    await again.close();
  });

  it('lets no second host in, and lets the next one in once it is closed', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await first.close();
    await (await open()).close();
  });

  it('does not take the half of a first start for a database', async () => {
    await mkdir(join(dataDir, 'database.draft-cut-off'), { recursive: true });
    await writeFile(join(dataDir, 'database.draft-cut-off', 'PG_VERSION'), '18\n');
    await (await open()).close();
    expect(await readdir(dataDir)).toEqual(['database']);
  });

  it("refuses another PostgreSQL's files", async () => {
    await mkdir(join(dataDir, 'database'), { recursive: true });
    await writeFile(join(dataDir, 'database', 'PG_VERSION'), '17\n');
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_INCOMPATIBLE' });
    expect(await readdir(dataDir)).toEqual(['database']);
  });

  it('refuses a data folder that is a file', async () => {
    await writeFile(dataDir, '');
    await chmod(dataDir, 0o400);
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
  });

  it('ends listeners as it closes, and gives out no more', async () => {
    const database = await open();
    const listener = await database.connectListener();
    const heard = once(listener, 'notification') as Promise<[{ payload: string }]>;
    await listener.query('LISTEN news');
    await database.pool.query(`NOTIFY news, 'hello'`);
    expect((await heard)[0].payload).toBe('hello');
    const ended = once(listener, 'end');
    await Promise.all([database.close(), database.close(), ended]);
    await expect(database.connectListener()).rejects.toMatchObject({ code: 'HOST_STOPPING' });
  });

  it('keeps what was committed when the process is killed', async () => {
    const script = new URL('../../test/support/commit-until-killed.ts', import.meta.url).pathname;
    const loader = new URL('../../scripts/typescript-loader.js', import.meta.url).pathname;
    await (await open()).close();
    const child = spawn(process.execPath, ['--import', loader, script, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let committed = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      committed += chunk.length;
      if (committed >= 20) child.kill('SIGKILL');
    }
    const database = await open();
    const { rows } = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM committed');
    expect(rows[0]?.n).toBeGreaterThanOrEqual(committed);
    await database.close();
  });
});

describe('HostDatabase, on PostgreSQL', () => {
  const answering = async (answer: (socket: Socket) => void): Promise<{ url: string; close: () => Promise<void> }> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    return {
      url: `postgres://someone:hunter2@127.0.0.1:${port}/nestdock`,
      close: async () => {
        server.close();
        await once(server, 'close');
      },
    };
  };

  it('tells a server that does not answer, but never the password', async () => {
    const server = await answering((socket) => socket.destroy());
    await server.close();
    const error: unknown = await HostDatabase.open({ databaseUrl: server.url, dataDir: '' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  it('refuses one before 14', async () => {
    const server = await answering((socket) => socket.once('data', () => beAnOldServer(socket)));
    await expect(HostDatabase.open({ databaseUrl: server.url, dataDir: '' })).rejects.toMatchObject({
      code: 'DATABASE_TOO_OLD',
    });
    await server.close();
  });
});

/** As much of PostgreSQL 13 as a client needs to ask for its version. */
function beAnOldServer(socket: Socket): void {
  const frame = (type: string, body: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const ready = frame('Z', Buffer.from('I'));
  const column = Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.from('version\0'),
    Buffer.from('00000000000000000019ffffffffffff0000', 'hex'),
  ]);
  const row = Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 6]), Buffer.from('130014')]);
  socket.write(Buffer.concat([frame('R', Buffer.alloc(4)), ready]));
  socket.on('data', (data) => {
    if (data[0] !== 0x51) return;
    socket.write(Buffer.concat([frame('T', column), frame('D', row), frame('C', Buffer.from('SELECT 1\0')), ready]));
  });
}

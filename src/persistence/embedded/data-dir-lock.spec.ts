import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, type Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataDirLock } from './data-dir-lock.js';
import { ownIdentity, type ProcessIdentity } from '../../common/process-identity.js';

describe('DataDirLock', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nestdock-lock-'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  /** What a holder that ended without a word leaves behind. */
  const leaveBehind = async (holder: Partial<ProcessIdentity> & { socket?: boolean }): Promise<void> => {
    const folder = join(dataDir, 'host.lock');
    await mkdir(folder, { recursive: true });
    const record = { ...(await ownIdentity()), socket: true, ...holder };
    await writeFile(join(folder, 'left-behind.json'), JSON.stringify(record));
  };

  const acquireAndRelease = async (): Promise<void> => (await DataDirLock.acquire(dataDir)).release();

  it('refuses a second holder and names the first', async () => {
    const lock = await DataDirLock.acquire(dataDir);
    const refusal = DataDirLock.acquire(dataDir);
    await expect(refusal).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED', extensions: { pid: process.pid } });
    await expect(refusal).rejects.toThrow(String(process.pid));
    await lock.release();
    await acquireAndRelease();
  });

  it('leaves nothing behind', async () => {
    const lock = await DataDirLock.acquire(dataDir);
    await expect(DataDirLock.acquire(dataDir)).rejects.toThrow();
    await lock.release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('lets in one of many at once, over the record of a dead holder too', async () => {
    await leaveBehind({ startTime: '1' });
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => DataDirLock.acquire(dataDir)));
    const holders = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    expect(holders).toHaveLength(1);
    await holders[0]?.release();
  });

  it('takes over from a pid that no process has', async () => {
    await leaveBehind({ pid: 2 ** 22 + 1 });
    await acquireAndRelease();
  });

  it('takes over from a pid that another process has now', async () => {
    await leaveBehind({ pid: process.pid, startTime: '1' });
    await acquireAndRelease();
  });

  it('takes over from a zombie', async () => {
    // The shell goes on as `sleep`, which never asks how its child has ended.
    const script = 'cat <&3 & echo $!; exec sleep 30';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    try {
      const [output] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
      const pid = Number(output.toString());
      await until(async () => (await readFile(`/proc/${parent.pid}/comm`, 'utf8')) === 'sleep\n');
      (parent.stdio[3] as Writable).end();
      await until(async () => (await readStat(pid)).state === 'Z');
      const { startTime } = await readStat(pid);
      await leaveBehind({ pid, startTime });
      await acquireAndRelease();
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'close');
    }
  });

  it("takes over from another container's pid where nobody listens, though a process here has that pid", async () => {
    await leaveBehind({ world: 'another boot pid:[1]' });
    await acquireAndRelease();
  });

  it('refuses while the holder in another container lives', async () => {
    const server = createServer();
    await leaveBehind({ pid: 1, world: 'another boot pid:[1]' });
    server.listen(join(dataDir, 'host.lock', 'left-behind.sock'));
    await once(server, 'listening');
    await expect(DataDirLock.acquire(dataDir)).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      extensions: { pid: 1 },
    });
    server.close();
    await once(server, 'close');
    await acquireAndRelease();
  });

  it('refuses where it cannot tell', async () => {
    await leaveBehind({ world: 'another boot pid:[1]', socket: false });
    await expect(DataDirLock.acquire(dataDir)).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
  });

  it('takes over from a record that was cut off', async () => {
    await mkdir(join(dataDir, 'host.lock'));
    await writeFile(join(dataDir, 'host.lock', 'cut-off.json'), '{"pid": 1');
    await acquireAndRelease();
  });

  it('works in a folder whose path is longer than a socket may have', async () => {
    const deep = join(dataDir, 'd'.repeat(100), 'e'.repeat(100));
    await mkdir(deep, { recursive: true });
    const lock = await DataDirLock.acquire(deep);
    const [record] = (await readdir(join(deep, 'host.lock'))).filter((name) => name.endsWith('.json'));
    expect(JSON.parse(await readFile(join(deep, 'host.lock', record ?? ''), 'utf8'))).toMatchObject({ socket: true });
    await lock.release();
  });
});

async function readStat(pid: number): Promise<{ state: string; startTime: string }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(5);
}

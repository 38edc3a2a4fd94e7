import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { HostProcess } from './support/host-process.js';

const ROOT = join(import.meta.dirname, '..');

describe('a host as a process', () => {
  let host: HostProcess;
  beforeAll(async () => {
    host = await HostProcess.start({ modules: ['slow'], env: { CORS_ORIGINS: 'https://app.example' } });
    await host.admin('POST', '/modules/slow/enable');
  });
  afterAll(() => host.dispose());

  /** Another host with these variables: what it says, and how it ends. */
  async function another(env: Readonly<Record<string, string>>): Promise<{ code: number; said: string }> {
    const child = spawn(process.execPath, ['--import', './scripts/typescript-loader.js', 'src/main.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, ...env },
    });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
    return { code, said };
  }

  it("refuses a second host on the same data folder, and names the holder's pid", async () => {
    const { code, said } = await another({ DATA_DIR: host.dataDir, PORT: '0' });
    expect(code).toBe(1);
    expect(said).toContain(String(host.pid));
  });

  it('names every wrong variable at once, and repeats no secret', async () => {
    const { code, said } = await another({
      PORT: 'many',
      DRAIN_TIMEOUT_MS: '-1',
      DATABASE_URL: 'mysql://u:hidden@h/d',
    });
    expect(code).toBe(1);
    for (const name of ['PORT', 'DRAIN_TIMEOUT_MS', 'DATABASE_URL']) expect(said).toContain(name);
    expect(said).not.toContain('hidden');
  });

  it('answers browsers of the origins it was given, with security headers', async () => {
    const ask = (origin: string) => fetch(`${host.url}/api/v1/m/slow/wait?ms=1`, { headers: { origin } });
    const known = await ask('https://app.example');
    expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(known.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('finishes the requests in flight when it is told to stop', async () => {
    const slow = fetch(`${host.url}/api/v1/m/slow/wait?ms=700`);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const ended = host.terminate();
    const answer = await slow;
    expect(answer.status).toBe(200);
    expect(await ended).toBe(0);
  });
});

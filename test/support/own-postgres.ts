import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import pg from 'pg';
import { TEST_DATABASE_URL } from './database.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

/** Where Debian keeps what a server is run with. */
const VERSIONS = '/usr/lib/postgresql';

function serverPrograms(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const folders = readdirSync(VERSIONS).map((version) => join(VERSIONS, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

const PROGRAMS = serverPrograms();

/** `describe` for tests that start and stop a server of their own. */
export const describeOnOwnPostgres =
  TEST_DATABASE_URL === undefined || PROGRAMS === undefined ? describe.skip : describe;

/** A PostgreSQL of the test's own, which it may stop and start. */
export class OwnPostgres {
  #server: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    /** The server refuses to run as root. */
    private readonly user: { readonly uid: number; readonly gid: number } | undefined,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'nestdock-postgres-'));
    const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined;
    if (user) chownSync(folder, user.uid, user.gid);
    const own = new OwnPostgres(folder, await freePort(), user);
    execFileSync(
      join(PROGRAMS as string, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-N'],
      {
        ...user,
        cwd: folder,
        stdio: 'ignore',
      },
    );
    await own.up();
    return own;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Resolves once it answers. */
  async up(): Promise<void> {
    const data = join(this.folder, 'data');
    const options = ['-D', data, '-p', String(this.port), '-h', '127.0.0.1', '-k', this.folder, '-c', 'fsync=off'];
    this.#server = spawn(join(PROGRAMS as string, 'postgres'), options, {
      ...this.user,
      cwd: this.folder,
      stdio: 'ignore',
    });
    await eventually(async () => {
      const client = new pg.Client({ connectionString: this.url });
      client.on('error', () => undefined);
      await client.connect();
      await client.end();
    }, 30_000);
  }

  /** @param how `SIGINT`: all connections are ended; `SIGQUIT`: as a crash, to be recovered from */
  async down(how: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const ended = once(server, 'exit');
    server.kill(how);
    await ended;
  }

  async remove(): Promise<void> {
    await this.down('SIGQUIT');
    await rm(this.folder, { recursive: true, force: true });
  }
}

const idOf = (what: '-u' | '-g'): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planSpawn } from './spawn-plan.js';

const terms = {
  release: { folder: '/srv/modules/hello' },
  packageFolders: ['/srv/modules/hello/node_modules', '/srv/modules/node_modules'],
  permissions: [] as string[],
  folder: '/tmp/nestdock-x',
  heapMb: 300,
  env: {
    TZ: 'UTC',
    PATH: '/bin',
    DATABASE_URL: 'postgres://secret',
    ADMIN_TOKEN: 'secret',
    SECRET_KEY: 'secret',
    HOME: '/root',
    API_KEY: 'theirs',
    NODE_OPTIONS: '--inspect',
  },
};

describe('the environment of a process', () => {
  it('has nothing of the host but how to write times and texts', () => {
    expect(planSpawn(terms).env).toEqual({ TZ: 'UTC', HOME: terms.folder, TMPDIR: terms.folder });
  });

  it('has the variables that were granted, and the way to programs where it may start some', () => {
    const { env } = planSpawn({ ...terms, permissions: ['environment:API_KEY', 'environment:UNSET', 'process:spawn'] });
    expect(env).toEqual({ TZ: 'UTC', HOME: terms.folder, TMPDIR: terms.folder, API_KEY: 'theirs', PATH: '/bin' });
  });

  it.each(['ADMIN_TOKEN', 'SECRET_KEY', 'DATABASE_URL', 'NODE_OPTIONS'])('never has the %s of the host', (name) => {
    const { env } = planSpawn({ ...terms, permissions: [`environment:${name}`] });
    expect(env).not.toHaveProperty(name);
  });
});

describe('the permissions of a process', () => {
  it.each([
    ['process:spawn', ['--allow-child-process', '--allow-worker']],
    ['native:addons', ['--allow-addons']],
    ['filesystem:read', ['--allow-fs-read=*']],
    ['filesystem:write', ['--allow-fs-write=*']],
  ])('%s opens what it says, and nothing else', (permission, flags) => {
    const without = planSpawn(terms).flags;
    const granted = planSpawn({ ...terms, permissions: [permission] }).flags;
    expect(granted.filter((flag) => !without.includes(flag))).toEqual(flags);
    expect(without).not.toEqual(expect.arrayContaining(flags));
  });
});

describe("Node's own permission model", () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'nestdock-'));
    for (const folder of [
      'modules/hello/assets',
      'modules/hello-secret',
      'modules/hell',
      'modules/node_modules/a',
      'own',
    ]) {
      await mkdir(join(root, folder), { recursive: true });
      await writeFile(join(root, folder, 'file.txt'), folder);
    }
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('takes these flags, and opens the folders that are meant and none beside them', () => {
    const paths = [
      'modules/hello/assets/file.txt',
      'modules/node_modules/a/file.txt',
      'own/file.txt',
      'modules/hello-secret/file.txt',
      'modules/hell/file.txt',
    ].map((path) => join(root, path));
    const { flags } = planSpawn({
      ...terms,
      release: { folder: join(root, 'modules/hello') },
      packageFolders: [join(root, 'modules/hello/node_modules'), join(root, 'modules/node_modules')],
      folder: join(root, 'own'),
    });
    const script = `
      const fs = require('node:fs');
      const may = (act) => { try { act(); return true } catch (error) { return error.code } };
      const paths = ${JSON.stringify([...paths, '/etc/passwd', '/proc/self/environ'])};
      console.log(JSON.stringify({
        read: paths.map((path) => may(() => fs.readFileSync(path))),
        write: paths.slice(0, 3).map((path) => may(() => fs.appendFileSync(path, 'x'))),
        spawn: may(() => require('node:child_process').execSync('true')),
        worker: may(() => new (require('node:worker_threads').Worker)('1', { eval: true })),
      }));
    `;
    const { stdout } = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
    const denied = 'ERR_ACCESS_DENIED';
    expect(JSON.parse(stdout)).toEqual({
      read: [true, true, true, denied, denied, denied, denied],
      write: [denied, denied, true],
      spawn: denied,
      worker: denied,
    });
  });
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { HostDatabase } from '../src/persistence/index.js';
import { describeOnPostgres, makeDataDir, makePostgresDatabase } from './support/database.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What `npm run typeorm -- migration:show -d ormconfig.ts` runs. */
const showMigrations = async (env: Readonly<Record<string, string>>): Promise<string> => {
  const loader = ['--import', './scripts/typescript-loader.js'];
  const command = [...loader, 'node_modules/typeorm/cli.js', 'migration:show', '-d', 'ormconfig.ts'];
  const { NODE_OPTIONS: _, DATABASE_URL: __, ...inherited } = process.env;
  return (await promisify(execFile)(process.execPath, command, { cwd: ROOT, env: { ...inherited, ...env } })).stdout;
};

describe("TypeORM's command line", () => {
  it('shows the migrations of the embedded database, and gives the data folder back', async () => {
    const place = await makeDataDir();
    expect(await showMigrations(place.env)).toMatch(/\[X\] \d+ CreateModulesJobsRuns/);
    await (await HostDatabase.open({ databaseUrl: undefined, dataDir: place.dataDir })).close();
    await place.remove();
  });

  it('is refused while a host has the data folder', async () => {
    const place = await makeDataDir();
    const host = await HostDatabase.open({ databaseUrl: undefined, dataDir: place.dataDir });
    await expect(showMigrations(place.env)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`pid ${process.pid}`),
    });
    await host.close();
    await place.remove();
  });
});

describeOnPostgres("TypeORM's command line, on PostgreSQL", () => {
  it('shows what is pending in an empty database', async () => {
    const place = await makePostgresDatabase();
    expect(await showMigrations({ DATABASE_URL: place.url })).toMatch(/\[ \] CreateModulesJobsRuns/);
    await place.remove();
  });
});

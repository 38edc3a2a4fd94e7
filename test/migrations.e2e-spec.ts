import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatabaseForHost, describeOnBothDatabases } from './support/both-databases.js';
import { eventually } from './support/eventually.js';
import { MigratingModule } from './support/migrating-module.js';
import { TestHost } from './support/test-host.js';

const CLASS = (body: string, rest = ''): string => `import { type MigrationInterface, type QueryRunner } from 'typeorm';
export class Changes implements MigrationInterface {
  ${rest}
  async up(runner: QueryRunner): Promise<void> {
    ${body}
  }
}`;

describeOnBothDatabases('migrations', (makeDatabase) => {
  let database: DatabaseForHost;
  let host: TestHost;
  let module: MigratingModule;

  beforeAll(async () => {
    database = await makeDatabase();
    host = await TestHost.start({ env: { ...database.env, LOAD_TIMEOUT_MS: '4000', MIGRATION_TIMEOUT_MS: '6000' } });
  });
  afterAll(async () => {
    await host.dispose();
    await database.remove();
  });
  beforeEach(async () => {
    module = await MigratingModule.add(host);
  });

  const enable = async () => expect((await module.post('enable')).body).toMatchObject({ state: 'active' });
  const reload = async () => expect((await module.post('reload')).body).toMatchObject({ state: 'active', error: null });

  it('are listed before they are applied, applied in their order, and recorded', async () => {
    expect(await module.statuses()).toEqual(['001 pending', '002 pending']);
    await enable();
    expect((await module.notes()).notes).toEqual(['welcome']);
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown;
    expect(await module.migrations()).toMatchObject([
      {
        name: '001_create_notes',
        file: 'src/migrations/001_create_notes.sql',
        checksum: sha256,
        status: 'done',
        reversible: true,
      },
      { name: '002_welcome', status: 'done', version: '1.0.0', durationMs: expect.any(Number), reversible: true },
    ]);
    await reload();
    expect((await module.notes()).notes).toEqual(['welcome']);
  });

  it('leave nothing where a third statement fails, and the old generation goes on', async () => {
    await enable();
    await module.write('003_more.sql', 'CREATE TABLE more ();');
    await module.write(
      '004_three.sql',
      "-- Ä€🙂\nCREATE TABLE other ();\nINSERT INTO note (text) VALUES ('new');\n\nINSERT INTO note\n  (text, nobody) VALUES ('🙂', 1);\nSELECT 1;",
    );
    await module.setGeneration(2);
    const { status, body } = await module.post('reload');
    expect([status, body]).toMatchObject([
      422,
      {
        code: 'MIGRATION_FAILED',
        detail: expect.stringMatching(/^src\/migrations\/004_three\.sql:6: statement 3 failed: .*nobody.*\[42703\]$/),
        problems: [{ code: 'MIGRATION_FAILED', file: 'src/migrations/004_three.sql', line: 6, column: 10 }],
        migration: '004_three',
        statement: { number: 3, text: expect.stringMatching(/^INSERT INTO note\n/) },
        sqlState: '42703',
        serving: { version: '1.0.0', generation: 1 },
      },
    ]);
    expect(await module.relations()).toEqual(['note', 'note_id_seq', 'note_pkey']);
    expect(await module.statuses()).toEqual(['001 done', '002 done', '003 pending', '004 pending']);
    expect(await module.notes()).toEqual({ generation: 1, notes: ['welcome'] });

    await module.write('004_three.sql', 'SELECT 1;');
    await reload();
    expect(await module.notes()).toEqual({ generation: 2, notes: ['welcome'] });
  });

  it('name the statement that violates a constraint, which has no place in the text', async () => {
    await module.write(
      '003_twice.sql',
      'CREATE TABLE once (a int PRIMARY KEY);\nINSERT INTO once VALUES (1);\nINSERT INTO once VALUES (2), (1);',
    );
    const { body } = await module.post('enable');
    expect(body).toMatchObject({
      code: 'MIGRATION_FAILED',
      problems: [
        {
          file: 'src/migrations/003_twice.sql',
          line: 3,
          message: expect.stringContaining('Key (a)=(1) already exists'),
        },
      ],
      sqlState: '23505',
    });
    expect(await module.relations()).toEqual([]);
  });

  it('take back what a class has done that fails, and show its line', async () => {
    await enable();
    await module.write(
      '003_change.ts',
      CLASS(
        `await runner.query('CREATE TABLE other ()');\n    await runner.startTransaction();\n    await runner.query('SELECT nobody');`,
      ),
    );
    const { body } = await module.post('reload');
    expect(body).toMatchObject({
      code: 'MIGRATION_FAILED',
      problems: [{ file: 'src/migrations/003_change.ts', message: expect.stringContaining('[42703]') }],
      statement: { text: 'SELECT nobody' },
    });
    const { error } = (await host.admin<{ error: { stack: string } }>('GET', `/modules/${module.name}`)).body;
    expect(error.stack).toMatch(/src\/migrations\/003_change\.ts:7:/);
    expect(await module.relations()).not.toContain('other');
  });

  it('refuse a class that ends the transaction, and what is no class', async () => {
    await enable();
    await module.write('003_commits.ts', CLASS(`await runner.query('COMMIT');`));
    expect((await module.post('reload')).body).toMatchObject({
      code: 'MIGRATION_FAILED',
      problems: [{ file: 'src/migrations/003_commits.ts', hint: expect.stringContaining('transaction = false') }],
    });
    await module.write('003_commits.ts', 'export const up = () => undefined;');
    await module.write('004_two.ts', `${CLASS('')} export class More { async up() {} }`);
    await module.write('005_sql.sql', 'CREATE TABLE never ();');
    expect((await module.post('reload')).body).toMatchObject({
      code: 'MIGRATION_INVALID',
      problems: [{ file: 'src/migrations/003_commits.ts' }, { file: 'src/migrations/004_two.ts' }],
    });
    expect(await module.relations()).not.toContain('never');
  });

  it('are refused by name, all at once, where one has changed, is missing or comes too late', async () => {
    await module.write('004_last.sql', 'SELECT 1;');
    await enable();
    await module.write('001_create_notes.sql', 'CREATE TABLE note (text text);');
    await module.remove('002_welcome.ts');
    await module.write('003_late.sql', 'CREATE TABLE late ();');
    await module.write('005_next.sql', 'CREATE TABLE next ();');
    const { status, body } = await module.post('reload');
    expect([status, body.code, body.problems?.map(({ code, file }) => [code, file])]).toEqual([
      422,
      'MIGRATION_CHANGED',
      [
        ['MIGRATION_CHANGED', 'src/migrations/001_create_notes.sql'],
        ['MIGRATION_MISSING', undefined],
        ['MIGRATION_OUT_OF_ORDER', 'src/migrations/003_late.sql'],
      ],
    ]);
    expect(body.detail).toMatch(/001_create_notes .* 002_welcome .* 003_late /);
    expect(await module.statuses()).toEqual([
      '001 changed',
      '002 missing',
      '003 out-of-order',
      '004 done',
      '005 pending',
    ]);
    expect(await module.relations()).not.toContain('next');
    expect((await module.notes()).notes).toEqual(['welcome']);
  });

  it('let an older version meet the tables of a newer one, and warn', async () => {
    await module.describe({ version: '1.1.0' });
    await module.write('003_more.sql', 'ALTER TABLE note ADD more text;');
    await enable();
    await module.describe({ version: '1.0.0' });
    await module.remove('003_more.sql');
    await reload();
    expect(await module.statuses()).toEqual(['001 done', '002 done', '003 ahead']);
    expect(host.log).toContainEqual(
      expect.objectContaining({ level: 40, module: module.name, migrations: ['003_more'] }),
    );
    await module.describe({ version: '1.2.0' });
    expect((await module.post('reload')).body.code).toBe('MIGRATION_MISSING');
  });

  it('run whatever PostgreSQL takes', async () => {
    await module.write(
      '003_nasty.sql',
      `
      /* one; /* two; */ three; */
      CREATE FUNCTION plain() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN $$a;'b$$; END; $body$;
      CREATE OR REPLACE FUNCTION atomic(a int) RETURNS int LANGUAGE sql
        BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN 1 ELSE 2 END; SELECT CASE a WHEN 1 THEN 3 END; END;
      DO $$ BEGIN PERFORM 1; EXECUTE 'SELECT '';'''; END $$;
      CREATE TABLE "odd;""name" (a text DEFAULT E'\\';', b text DEFAULT ';''--', c text DEFAULT U&'\\003b');
      CREATE RULE twice AS ON INSERT TO note WHERE new.text = 'twice' DO ALSO
        (INSERT INTO "odd;""name" (a) VALUES (new.text); INSERT INTO "odd;""name" (b) VALUES (E'a\\'/*' || '--'));
      SET search_path TO pg_catalog; -- until the end of this file
      SELECT set_config('search_path', '', false);`,
    );
    await module.write('004_use.sql', 'INSERT INTO note (text) VALUES (plain()); SELECT atomic(1)');
    await enable();
    expect((await module.notes()).notes).toEqual(['welcome', "a;'b"]);
    expect(await module.relations()).toContain('odd;"name');
  });

  it('may take longer than a load', async () => {
    await module.write('003_slow.ts', CLASS(`await new Promise((resolve) => setTimeout(resolve, 4_200));`));
    await enable();
  }, 15_000);

  it('fail no request where one is applied under load', async () => {
    await enable();
    let running = true;
    const answers: number[] = [];
    const client = async (): Promise<void> => {
      while (running) answers.push((await host.request('GET', `/api/v1/m/${module.name}/notes`)).status);
    };
    const load = Promise.all([1, 2].map(client));
    try {
      for (const number of [3, 4, 5]) {
        await module.write(
          `00${number}_add.sql`,
          `ALTER TABLE note ADD c${number} int; INSERT INTO note (text) VALUES ('${number}');`,
        );
        await module.setGeneration(number);
        await reload();
        expect((await module.notes()).generation).toBe(number);
      }
    } finally {
      running = false;
      await load;
    }
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.filter((status) => status !== 200)).toEqual([]);
    expect((await module.notes()).notes).toEqual(['welcome', '3', '4', '5']);
  }, 20_000);

  it('are applied anew to a module that was purged, and found by one that was forgotten', async () => {
    const forget = (query: string) => host.admin('DELETE', `/modules/${module.name}${query}`);
    await enable();
    await module.addNote('kept');
    await module.post('disable');
    expect((await forget('')).status).toBe(204);
    await host.admin('POST', '/modules/scan');
    await enable();
    expect((await module.notes()).notes).toEqual(['welcome', 'kept']);
    await module.post('disable');
    expect((await forget(`?purge=true&confirm=${module.name}`)).status).toBe(204);
    await host.admin('POST', '/modules/scan');
    expect(await module.statuses()).toEqual(['001 pending', '002 pending']);
    await enable();
    expect((await module.notes()).notes).toEqual(['welcome']);
  });

  describe('rolled back', () => {
    const rollBack = (to: unknown) => module.post('migrations/rollback', { to });

    beforeEach(async () => {
      await module.write('003_tag.sql', 'CREATE TABLE tag (note bigint REFERENCES note);');
      await module.write('003_tag.down.sql', 'DROP TABLE tag;');
      await enable();
    });

    it('are so for a disabled module only', async () => {
      const { status, body } = await rollBack('001_create_notes');
      expect([status, body.code]).toEqual([409, 'MODULE_ENABLED']);
      expect(await module.relations()).toContain('tag');
    });

    it('go last first, down to the one to keep, and come back when the module is enabled', async () => {
      await module.post('disable');
      const { status, body } = await rollBack('001_create_notes');
      expect([status, body]).toMatchObject([200, { total: 3, nextCursor: null }]);
      expect(await module.statuses()).toEqual(['001 done', '002 pending', '003 pending']);
      expect(await module.sql(`SELECT * FROM ${module.schema}.note`)).toEqual([]);
      await enable();
      await module.post('disable');
      expect((await rollBack(null)).status).toBe(200);
      expect(await module.relations()).toEqual([]);
      expect(await module.statuses()).toEqual(['001 pending', '002 pending', '003 pending']);
      await enable();
      expect((await module.notes()).notes).toEqual(['welcome']);
    });

    it('are all still there where one of the downs fails', async () => {
      await module.write('001_create_notes.down.sql', 'DROP TABLE note;\nDROP TABLE nothing;');
      await module.post('disable');
      const { status, body } = await rollBack('0');
      expect([status, body]).toMatchObject([
        422,
        { code: 'MIGRATION_FAILED', problems: [{ file: 'src/migrations/001_create_notes.down.sql', line: 2 }] },
      ]);
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done']);
      expect(await module.relations()).toContain('tag');
    });

    it('are refused by name, before anything runs, where one cannot be', async () => {
      await module.remove('001_create_notes.down.sql');
      await module.remove('003_tag.down.sql');
      await module.remove('003_tag.sql');
      await module.write('002_welcome.ts', CLASS(''));
      await module.post('disable');
      const { status, body } = await rollBack(null);
      expect([status, body.code, body.problems?.map(({ message }) => message.slice(0, 3))]).toEqual([
        409,
        'MIGRATION_IRREVERSIBLE',
        ['003', '002', '001'],
      ]);
      expect(await module.relations()).toContain('tag');
      const unknown = await rollBack('001_create_note');
      expect([unknown.status, unknown.body]).toMatchObject([
        404,
        { code: 'MIGRATION_NOT_FOUND', detail: expect.stringContaining('did you mean "001_create_notes"?') },
      ]);
    });
  });

  describe('of a module whose generations must not meet', () => {
    beforeEach(() => module.describe({ reload: 'stop-start' }));

    /** The order in which the migration and a request have written that waits for it, so many milliseconds at most. */
    const writeBoth = async (wait: number): Promise<readonly string[]> => {
      await enable();
      const late = module.addNote('old', 'migrated', wait);
      await eventually(async () => {
        const { body } = await host.admin<{ requestsInFlight: number }>('GET', '/modules/stats');
        expect(body.requestsInFlight).toBe(1);
      });
      await module.write('003_add.sql', "INSERT INTO note (text) VALUES ('migrated');");
      await reload();
      expect((await late).status).toBe(200);
      return (await module.notes()).notes;
    };

    it('wait until the old generation has drained', async () => {
      expect(await writeBoth(500)).toEqual(['welcome', 'old', 'migrated']);
    });

    it('wait for nobody where they may meet', async () => {
      await module.describe({ reload: 'swap' });
      expect(await writeBoth(5_000)).toEqual(['welcome', 'migrated', 'old']);
    });

    it('bring the old release back where one fails', async () => {
      await enable();
      await module.write('003_fails.sql', 'CREATE TABLE other (); SELECT nobody;');
      await module.setGeneration(2);
      expect((await module.post('reload')).body).toMatchObject({
        code: 'MIGRATION_FAILED',
        serving: { generation: 3 },
      });
      expect(await module.notes()).toEqual({ generation: 1, notes: ['welcome'] });
      expect(await module.relations()).not.toContain('other');
    });

    it('leave the old generation alone where they are refused', async () => {
      await enable();
      await module.write('001_create_notes.sql', 'SELECT 1;');
      expect((await module.post('reload')).body).toMatchObject({
        code: 'MIGRATION_CHANGED',
        serving: { generation: 1 },
      });
    });

    it('let the old release come back, of the same version, where the new one fails after them', async () => {
      await enable();
      await module.write('003_more.sql', 'ALTER TABLE note ADD more text;');
      await module.describe({ entry: './src/entry.ts' });
      await writeFile(
        join(module.folder, 'src/entry.ts'),
        "import { Module } from '@nestjs/common';\n@Module({ providers: [{ provide: 'x', useFactory: () => { throw new Error('fails late'); } }] }) export default class Fails {}",
      );
      expect((await module.post('reload')).body).toMatchObject({
        code: 'COMPOSITION_FAILED',
        serving: { generation: 3 },
      });
      expect((await module.notes()).notes).toEqual(['welcome']);
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done']);
    });
  });

  describe('outside a transaction', () => {
    const INDEX = '-- nestdock: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY note_text ON note (text);';

    it('run between those that want one', async () => {
      await module.write('003_index.sql', INDEX);
      await module.write('003_index.down.sql', '-- nestdock: no-transaction\nDROP INDEX CONCURRENTLY note_text;');
      await module.write('004_class.ts', CLASS(`await runner.query('VACUUM note');`, 'transaction = false;'));
      await module.write('005_after.sql', "INSERT INTO note (text) VALUES ('after');");
      await enable();
      expect(await module.relations()).toContain('note_text');
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done', '004 done', '005 done']);
      await module.write('004_class.ts', CLASS('', 'transaction = false; async down() {}'));
      await module.write('005_after.down.sql', "DELETE FROM note WHERE text = 'after';");
      await module.post('disable');
      expect((await module.post('migrations/rollback', { to: '002_welcome' })).status).toBe(200);
      expect(await module.relations()).not.toContain('note_text');
    });

    it('are tried again where they have left nothing', async () => {
      await enable();
      await module.write('003_index.sql', INDEX.replace('(text)', '(nobody)'));
      expect((await module.post('reload')).body).toMatchObject({
        code: 'MIGRATION_FAILED',
        sqlState: '42703',
        problems: [{ line: 2 }],
      });
      await module.write('003_index.sql', INDEX);
      await reload();
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done']);
    });

    it('wait for an operator where they have left something', async () => {
      await module.write('003_twice.sql', "INSERT INTO note (text) VALUES ('welcome');");
      await enable();
      await module.write('004_index.sql', INDEX);
      const failure = await module.post('reload');
      expect([failure.status, failure.body]).toMatchObject([
        409,
        { code: 'MIGRATION_INTERRUPTED', invalidIndexes: ['note_text'] },
      ]);
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done', '004 interrupted']);
      await module.sql(`DELETE FROM ${module.schema}.note WHERE id > 1`);
      expect((await module.post('reload')).body.code).toBe('MIGRATION_INTERRUPTED');

      const resolve = (migration: string, as: string) => module.post('migrations/resolve', { migration, as });
      expect((await resolve('003_twice', 'pending')).body.code).toBe('MIGRATION_NOT_INTERRUPTED');
      expect((await resolve('004_indexes', 'pending')).body.code).toBe('MIGRATION_NOT_FOUND');
      await module.sql(`DROP INDEX ${module.schema}.note_text`);
      expect((await resolve('004_index', 'pending')).status).toBe(200);
      expect(await module.statuses()).toEqual(['001 done', '002 done', '003 done', '004 pending']);
      await reload();
      expect(await module.relations()).toContain('note_text');
    });
  });

  it('that take too long are taken back, and named', async () => {
    await enable();
    await module.write(
      '003_waits.ts',
      CLASS(`await runner.query('CREATE TABLE other ()'); await new Promise(() => undefined);`),
    );
    const { status, body } = await module.post('reload');
    expect([status, body]).toMatchObject([
      422,
      {
        code: 'MIGRATION_TIMEOUT',
        detail: expect.stringContaining('in src/migrations/003_waits.ts'),
        serving: { generation: 1 },
      },
    ]);
    await module.remove('003_waits.ts');
    await reload();
    expect(await module.relations()).not.toContain('other');
  }, 20_000);
});

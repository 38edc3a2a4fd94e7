import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { type MigrationView } from '../../src/migrations/index.js';
import { HOST_DATA_SOURCE, moduleSchema } from '../../src/persistence/index.js';
import { type Answer, type TestHost } from './test-host.js';

const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'modules', 'migrating');

export interface NotesAnswer {
  readonly generation: number;
  readonly notes: readonly string[];
}

/** A copy of the fixture `migrating` under a name of its own, whose files the test changes. */
export class MigratingModule {
  static #count = 0;

  private constructor(
    private readonly host: TestHost,
    readonly name: string,
  ) {}

  static async add(host: TestHost): Promise<MigratingModule> {
    const module = new MigratingModule(host, `migrating-${++MigratingModule.#count}`);
    await cp(FIXTURE, module.folder, { recursive: true });
    await module.describe({ name: module.name });
    await host.admin('POST', '/modules/scan');
    return module;
  }

  get folder(): string {
    return join(this.host.modulesDir, this.name);
  }

  /** The database's schema. */
  get schema(): string {
    return moduleSchema(this.name);
  }

  /** Writes a migration, by its file's name. */
  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, 'src/migrations', file), text);
  }

  async remove(file: string): Promise<void> {
    await rm(join(this.folder, 'src/migrations', file));
  }

  /** Changes keys of the manifest. */
  async describe(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(this.folder, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...manifest, ...changes }));
  }

  /** Has the code say another number. */
  async setGeneration(generation: number): Promise<void> {
    const path = join(this.folder, 'src/notes.ts');
    const source = await readFile(path, 'utf8');
    await writeFile(path, source.replace(/GENERATION = \d+/, `GENERATION = ${generation}`));
  }

  /** `enable`, `disable`, `reload`, `migrations/rollback`, … */
  post<T = ProblemAnswer>(action: string, body?: object): Promise<Answer<T>> {
    return this.host.admin<T>('POST', `/modules/${this.name}/${action}`, body);
  }

  async migrations(): Promise<readonly MigrationView[]> {
    const { body } = await this.host.admin<{ items: MigrationView[] }>('GET', `/modules/${this.name}/migrations`);
    return body.items;
  }

  /** Of each migration, its number and its status: `001 done`. */
  async statuses(): Promise<string[]> {
    return (await this.migrations()).map(({ name, status }) => `${name.slice(0, 3)} ${status}`);
  }

  /** What the module answers. */
  async notes(): Promise<NotesAnswer> {
    return (await this.host.request<NotesAnswer>('GET', `/api/v1/m/${this.name}/notes`)).body;
  }

  /** Answers once `after` is among the notes, or the milliseconds have passed. */
  addNote(text: string, after?: string, ms?: number): Promise<Answer<unknown>> {
    return this.host.request('POST', `/api/v1/m/${this.name}/notes`, { text, after, ms });
  }

  /** Tables, views and indexes of the schema, by name. */
  async relations(): Promise<string[]> {
    const sql = 'SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace($1) ORDER BY 1';
    return (await this.sql<{ relname: string }>(sql, [this.schema])).map(({ relname }) => relname);
  }

  /** As the host, outside the module. */
  sql<T>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return this.host.app.get<DataSource>(getDataSourceToken(HOST_DATA_SOURCE)).query(sql, parameters);
  }
}

/** A problem document's members that tests look at. */
export interface ProblemAnswer {
  readonly code?: string;
  readonly detail?: string;
  readonly problems?: readonly { code: string; file?: string; line?: number; message: string; hint?: string }[];
  readonly [member: string]: unknown;
}

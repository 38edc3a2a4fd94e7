import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { quote } from '../wording.js';
import {
  compareMigrations,
  isBesideMigrations,
  type MigrationFileName,
  migrationNumber,
  parseMigrationFileName,
} from './migration-file-name.js';
import { type MigrationFlaw, type MigrationSource, type MigrationsReading } from './migration-source.js';
import { readMigrationText } from './migration-text.js';
import { readSqlText, type SqlText } from './sql-text.js';

interface NamedFile extends MigrationFileName {
  readonly file: string;
}

const NAMING = 'name it `001_what_it_does.sql`, with `001_what_it_does.down.sql` beside it, or `001_what_it_does.ts`';

/**
 * Reads the migrations of a module, and finds all that is wrong with them.
 * @param folder absolute path of the module's folder
 * @param path the migrations folder, from there, as the manifest names it; it must exist inside
 */
export async function readMigrations(folder: string, path: string): Promise<MigrationsReading> {
  const within = posix.normalize(`${path}/`);
  const flaws: MigrationFlaw[] = [];
  const files: NamedFile[] = [];
  for (const fileName of (await readdir(join(folder, within))).sort()) {
    if (isBesideMigrations(fileName)) continue;
    const file = within + fileName;
    const parsed = parseMigrationFileName(fileName);
    if (parsed) files.push({ ...parsed, file });
    else
      flaws.push({
        code: 'MANIFEST_MIGRATION_NAME',
        file,
        message: `${quote(fileName)} is no name of a migration`,
        hint: NAMING,
      });
  }
  const texts = await readTexts(folder, files, flaws);
  const ups = files.filter(({ direction }) => direction === 'up').sort((a, b) => compareMigrations(a.name, b.name));
  flaws.push(...emptiness(path, files, flaws), ...numberFlaws(ups), ...downFlaws(files));
  const migrations = ups.flatMap((up) => source(up, files, texts) ?? []);
  return { migrations, flaws };
}

async function readTexts(
  folder: string,
  files: readonly NamedFile[],
  flaws: MigrationFlaw[],
): Promise<Map<string, SqlText>> {
  const texts = new Map<string, SqlText>();
  for (const { file, kind } of files) {
    const reading = await readMigrationText(folder, file);
    if ('code' in reading) flaws.push(reading);
    else if (kind === 'code') texts.set(file, { text: reading.text, transactional: true });
    else {
      const { sql, flaws: found } = readSqlText(reading.text);
      texts.set(file, sql);
      flaws.push(...found.map((flaw) => ({ ...flaw, file })));
    }
  }
  return texts;
}

function source(up: NamedFile, files: readonly NamedFile[], texts: Map<string, SqlText>): MigrationSource | undefined {
  const text = texts.get(up.file);
  if (!text) return undefined;
  const { name, file, kind } = up;
  const base = { name, file, checksum: createHash('sha256').update(text.text).digest('hex') };
  if (kind === 'code') return { ...base, kind };
  const down = files.find((other) => other.direction === 'down' && other.name === name);
  const downText = down && texts.get(down.file);
  return { ...base, kind, up: text, ...(downText && { down: { ...downText, file: down.file } }) };
}

function emptiness(path: string, files: readonly NamedFile[], flaws: readonly MigrationFlaw[]): MigrationFlaw[] {
  if (files.length > 0 || flaws.length > 0) return [];
  const message = `the folder ${quote(path)} has no migration`;
  return [{ code: 'MANIFEST_MIGRATIONS_EMPTY', message, hint: NAMING }];
}

/** @param ups in their order */
function numberFlaws(ups: readonly NamedFile[]): MigrationFlaw[] {
  return ups.flatMap(({ name, file }, index) => {
    const before = ups[index - 1];
    if (!before || migrationNumber(before.name) !== migrationNumber(name)) return [];
    const message = `${quote(posix.basename(file))} has the number of ${quote(posix.basename(before.file))}`;
    return [{ code: 'MANIFEST_MIGRATION_NUMBER', file, message, hint: 'give each migration a number of its own' }];
  });
}

function downFlaws(files: readonly NamedFile[]): MigrationFlaw[] {
  const ups = new Set(
    files.filter(({ kind, direction }) => kind === 'sql' && direction === 'up').map(({ name }) => name),
  );
  return files
    .filter(({ name, direction }) => direction === 'down' && !ups.has(name))
    .map(({ name, file }) => ({
      code: 'MANIFEST_MIGRATION_DOWN',
      file,
      message: `there is no ${quote(`${name}.sql`)} that ${quote(posix.basename(file))} would take back`,
      hint: 'a class has its `down` beside its `up`',
    }));
}

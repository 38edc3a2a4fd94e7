import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../common/error-code.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { isWithin } from '../../common/resolve-inside.js';

/**
 * Refuses a module whose folder has links to what lies outside: Node's permission model goes by the path that it is
 * given, and follows links to wherever they lead.
 * @param folder real path of the module's folder
 * @param allowed real paths of folders that the module may read beside it
 * @throws {NestdockError} LINK_LEAVES_FOLDER with each of them
 */
export async function refuseLinksOut(folder: string, allowed: readonly string[]): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name));
  const problems = [];
  for (const link of links) {
    const target = await targetOf(link);
    if (target === undefined || [folder, ...allowed].some((inside) => isWithin(inside, target))) continue;
    const file = link.slice(folder.length + 1);
    problems.push({
      code: 'LINK_LEAVES_FOLDER',
      file,
      message: `${file} leads to ${target}`,
      hint: 'put the file itself there',
    });
  }
  const [first] = problems;
  if (first) throw new NestdockError('LINK_LEAVES_FOLDER', first.message, { problems });
}

/** undefined where the link leads nowhere. */
async function targetOf(link: string): Promise<string | undefined> {
  try {
    return await realpath(link);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ELOOP')) return undefined;
    throw error;
  }
}

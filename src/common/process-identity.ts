import { readFile, readlink } from 'node:fs/promises';
import { hasErrorCode } from './error-code.js';

/** A process, told apart from every other that ever had its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's; null where there is no /proc. */
  readonly startTime: string | null;
  /** The world that the pid is valid in: this start of the machine, this pid namespace. null where there is no /proc. */
  readonly world: string | null;
}

export const ownIdentity = (): Promise<ProcessIdentity> => identityOf(process.pid);

/** Of a process that lives, in this process's own world. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  const [stat, world] = await Promise.all([readStat(pid), readWorld()]);
  return { pid, startTime: stat?.startTime ?? null, world };
}

/**
 * Whether the process lives: a zombie does not, nor one whose pid another process has now.
 * @returns undefined where this process cannot see the other's world.
 */
export async function isAlive(identity: ProcessIdentity): Promise<boolean | undefined> {
  if (identity.world === null || identity.world !== (await readWorld())) return undefined;
  const stat = await readStat(identity.pid);
  return stat !== undefined && stat.startTime === identity.startTime && !['Z', 'X', 'x'].includes(stat.state);
}

async function readWorld(): Promise<string | null> {
  const [boot, namespace] = await Promise.all([
    orUndefined(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    orUndefined(readlink('/proc/self/ns/pid')),
  ]);
  return boot === undefined || namespace === undefined ? null : `${boot.trim()} ${namespace}`;
}

/** From /proc/[pid]/stat: the second field is the command in brackets, and may itself have brackets and blanks. */
async function readStat(pid: number): Promise<{ state: string; startTime: string } | undefined> {
  const text = await orUndefined(readFile(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

/** undefined where there is no such file, or where the process went away while it was read. */
async function orUndefined(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES'].some((code) => hasErrorCode(error, code))) return undefined;
    throw error;
  }
}

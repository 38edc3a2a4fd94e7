import { readFile } from 'node:fs/promises';
import process from 'node:process';

const PAGE_BYTES = 4096;

/**
 * Resident memory of a process in bytes, by the kernel's word: a process that is stuck does not tell. undefined where
 * the system does not say, or the process is gone.
 */
export async function residentMemory(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const [, resident = ''] = (await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ');
    return Number(resident) * PAGE_BYTES;
  } catch {
    return undefined; // gone since
  }
}

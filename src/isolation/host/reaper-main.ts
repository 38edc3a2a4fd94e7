import { rm } from 'node:fs/promises';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { identityOf, isAlive, type ProcessIdentity } from '../../common/process-identity.js';
import { type ReaperOrder } from './reaper.js';

/** What is left when the host is gone: the groups of these processes, and their folders. */
const watched = new Map<number, { readonly identity: Promise<ProcessIdentity>; readonly folder: string }>();

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as ReaperOrder;
  if ('forget' in order) watched.delete(order.forget);
  // Its identity is read now: by the time that it is to be ended, its pid may be another's.
  else watched.set(order.watch.pid, { identity: identityOf(order.watch.pid), folder: order.watch.folder });
}

for (const [pid, { identity, folder }] of watched) {
  if ((await isAlive(await identity)) !== false) end(pid);
  await rm(folder, { recursive: true, force: true });
}

function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

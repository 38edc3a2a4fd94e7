import { type INestApplicationContext } from '@nestjs/common';
import { ProcessListeners } from './process-listeners.js';

/**
 * Keeps book of what modules change in the process that the host runs in. For a process that is the host's alone.
 * @returns what leaves the process as it was
 */
export function watchProcess(app: INestApplicationContext): () => void {
  return app.get(ProcessListeners).watch(process);
}

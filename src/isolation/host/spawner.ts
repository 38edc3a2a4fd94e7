import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type Logger } from '../../common/logging/logger.js';
import { type Generation } from '../../kernel/index.js';
import { memoryOf } from './memory-limits.js';
import { ModuleProcess, type ModuleProcessOptions } from './module-process.js';
import { ProcessOutput } from './process-output.js';
import { planSpawn } from './spawn-plan.js';

const ENTRY = fileURLToPath(new URL('../child/main.js', import.meta.url));

/** A process that was started, with a folder of its own. */
export interface Spawned {
  readonly process: ModuleProcess;
  /** Path of the Unix socket that it is to take requests on. */
  readonly socketPath: string;
  /** Removes its folder, once it has ended. */
  readonly cleanUp: () => Promise<void>;
}

/**
 * Starts a process for a generation, in a process group and a private folder of its own.
 * @throws {NestdockError} MODULE_PROCESS_FAILED
 */
export async function spawnFor(
  generation: Generation,
  packageFolders: readonly string[],
  logger: Logger,
  options: Omit<ModuleProcessOptions, 'name' | 'rssBytes'>,
): Promise<Spawned> {
  const { name, release, permissions } = generation;
  const memory = memoryOf(release.manifest.limits);
  const folder = await mkdtemp(join(tmpdir(), 'nestdock-')); // mode 0700
  const { flags, env } = planSpawn({
    release,
    packageFolders,
    permissions,
    folder,
    heapMb: memory.heapMb,
    env: process.env,
  });
  const child = spawn(process.execPath, [...flags, ENTRY], {
    cwd: folder,
    env,
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new NestdockError('MODULE_PROCESS_FAILED', `no process could be started for ${name}`, { cause });
  }
  const own = logger.child({ module: name, pid: child.pid });
  if (child.stdout) new ProcessOutput(own, 'stdout').listen(child.stdout);
  if (child.stderr) new ProcessOutput(own, 'stderr').listen(child.stderr);
  return {
    process: new ModuleProcess(child, { name, rssBytes: memory.rssBytes, ...options }),
    socketPath: join(folder, 'http'),
    cleanUp: () => rm(folder, { recursive: true, force: true }),
  };
}

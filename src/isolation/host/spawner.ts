import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Inject, Injectable } from '@nestjs/common';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { type Generation, type Incident } from '../../kernel/index.js';
import { memoryLimits } from './memory-limits.js';
import { ModuleProcess } from './module-process.js';
import { ModuleUsers, type ModuleUser } from './module-users.js';
import { ProcessOutput } from './process-output.js';
import { Reaper } from './reaper.js';
import { hostFolders, planSpawn } from './spawn-plan.js';

/** The build makes one file of it, which starts sooner. */
const BUNDLED_ENTRY = fileURLToPath(new URL('../../child/main.js', import.meta.url));
const ENTRY = existsSync(BUNDLED_ENTRY) ? BUNDLED_ENTRY : fileURLToPath(new URL('../child/main.js', import.meta.url));

/** How much the processes of modules stand back where there is too little of the processor. */
const NICENESS = 5;

export interface SpawnRequest {
  readonly generation: Generation;
  /** Where packages of the module's may come from. */
  readonly packageFolders: readonly string[];
  /** undefined: the host's own. */
  readonly user: ModuleUser | undefined;
  readonly onIncident: (incident: Incident) => void;
}

/** A process that was started, with a folder of its own. */
export interface Spawned {
  readonly process: ModuleProcess;
  /** Path of the Unix socket that it is to take requests on. */
  readonly socketPath: string;
  /** Removes its folder, once it has ended. */
  readonly cleanUp: () => Promise<void>;
}

/** Starts the processes of modules, each in a process group, in a private folder and, where that is possible, as a user of its own. */
@Injectable()
export class Spawner {
  constructor(
    private readonly users: ModuleUsers,
    private readonly reaper: Reaper,
    @Inject(HOST_CONFIG) private readonly config: HostConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Whom the processes of a module run as. */
  userFor(
    { name, release: { folder } }: Generation,
    packageFolders: readonly string[],
  ): Promise<ModuleUser | undefined> {
    return this.users.userOf(name, [...hostFolders(), ...packageFolders, folder]);
  }

  /** @throws {NestdockError} MODULE_PROCESS_FAILED */
  async spawn({ generation, packageFolders, user, onIncident }: SpawnRequest): Promise<Spawned> {
    const { name, release, permissions } = generation;
    const { loadTimeoutMs, processMemoryMb, processStuckMs } = this.config;
    const memory = memoryLimits(release.manifest.limits, processMemoryMb);
    const folder = await mkdtemp(join(tmpdir(), 'nestdock-')); // mode 0700
    if (user) await chown(folder, user.uid, user.gid);
    const terms = { release, packageFolders, permissions, folder, heapMb: memory.heapMb, env: process.env };
    const child = await this.#started(name, folder, () => startNode(planSpawn(terms), folder, user));
    const forget = this.reaper.watch({ pid: child.pid as number, folder });
    this.#listen(name, child);
    const limits = { loadTimeoutMs, stuckMs: processStuckMs, rssBytes: memory.rssBytes };
    return {
      process: new ModuleProcess(child, { name, ...limits, onIncident }),
      socketPath: join(folder, 'http'),
      cleanUp: async () => {
        forget();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }

  async #started(name: string, folder: string, start: () => ChildProcess): Promise<ChildProcess> {
    try {
      const child = start();
      await once(child, 'spawn');
      // The host goes first, and all modules with it that run inline.
      setPriority(child.pid as number, NICENESS);
      return child;
    } catch (cause) {
      await rm(folder, { recursive: true, force: true });
      throw new NestdockError('MODULE_PROCESS_FAILED', `no process could be started for ${name}`, { cause });
    }
  }

  #listen(name: string, { pid, stdout, stderr }: ChildProcess): void {
    const logger = this.logger.child({ module: name, pid });
    if (stdout) new ProcessOutput(logger, 'stdout').listen(stdout);
    if (stderr) new ProcessOutput(logger, 'stderr').listen(stderr);
  }
}

function startNode({ flags, env }: ReturnType<typeof planSpawn>, cwd: string, user?: ModuleUser): ChildProcess {
  return spawn(process.execPath, [...flags, ENTRY], {
    cwd,
    env,
    ...user,
    detached: true, // a group of its own, which is ended as a whole
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess, type HostProcessOptions } from './host-process.js';

export interface KillPlan {
  /** Of the checkpoints that operations on these modules pass, counted from 1. */
  readonly number: number;
  readonly modules: readonly string[];
  /** Pattern of the steps that count. */
  readonly steps: string;
  /** Missing: SIGKILL. */
  readonly signal?: NodeJS.Signals;
}

export const NEVER: KillPlan = { number: 0, modules: [], steps: '' };

/** A host that can be killed at any checkpoint that an operation passes. */
export class KillableHost {
  private constructor(
    readonly host: HostProcess,
    private readonly folder: string,
  ) {}

  static async start(options: HostProcessOptions): Promise<KillableHost> {
    const folder = await mkdtemp(join(tmpdir(), 'nestdock-checkpoints-'));
    await plan(folder, NEVER);
    const env = { ...options.env, NODE_OPTIONS: '--import ./test/support/kill-at-checkpoint.js', CHECKPOINTS: folder };
    return new KillableHost(await HostProcess.start({ ...options, env }), folder);
  }

  /**
   * Has the host be killed at a checkpoint, and starts it again.
   * @returns where it was killed, such as `ledger attached:data`; undefined where the operation has passed fewer
   */
  async killAt(at: KillPlan, operation: () => Promise<unknown>): Promise<string | undefined> {
    await plan(this.folder, at);
    const settled = operation().then(
      () => true,
      () => true,
    );
    // What goes on after the answer, such as the draining of a replaced generation, passes checkpoints too.
    const quiet = settled.then(() => this.#quiet()).then(() => 'quiet' as const);
    const end = await Promise.race([quiet, this.host.ended().then(() => 'killed' as const)]);
    const passed = await this.#passed();
    await plan(this.folder, NEVER);
    if (end === 'quiet') return undefined;
    await this.host.restart();
    return passed[at.number - 1];
  }

  async dispose(): Promise<void> {
    await this.host.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Resolves once no more checkpoints are passed. */
  async #quiet(): Promise<void> {
    for (let [before, now] = [-1, 0]; now > before;) {
      before = now;
      await sleep(300);
      now = (await this.#passed()).length;
    }
  }

  async #passed(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'passed'), 'utf8');
    return text === '' ? [] : text.trimEnd().split('\n');
  }
}

/** Of the host that is started with CHECKPOINTS naming this folder. */
export async function plan(folder: string, at: KillPlan): Promise<void> {
  await writeFile(join(folder, 'passed'), '');
  await writeFile(join(folder, 'plan'), JSON.stringify(at));
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess, type HostProcessOptions } from './host-process.js';

/** A host that can be killed at any checkpoint that an operation passes. */
export class KillableHost {
  private constructor(
    readonly host: HostProcess,
    private readonly folder: string,
  ) {}

  static async start(options: HostProcessOptions): Promise<KillableHost> {
    const folder = await mkdtemp(join(tmpdir(), 'nestdock-checkpoints-'));
    await plan(folder, 0);
    const env = { ...options.env, NODE_OPTIONS: '--import ./test/support/kill-at-checkpoint.js', CHECKPOINTS: folder };
    return new KillableHost(await HostProcess.start({ ...options, env }), folder);
  }

  /**
   * Has the host be killed at the checkpoint of that number, counted from 1, and starts it again.
   * @returns where it was killed, such as `ledger attached:data`; undefined where the operation has passed fewer
   */
  async killAt(number: number, operation: () => Promise<unknown>): Promise<string | undefined> {
    await plan(this.folder, number);
    const settled = operation().then(
      () => true,
      () => true,
    );
    // What goes on after the answer, such as the draining of a replaced generation, passes checkpoints too.
    const quiet = settled.then(() => this.#quiet()).then(() => 'quiet' as const);
    const end = await Promise.race([quiet, this.host.ended().then(() => 'killed' as const)]);
    const passed = await this.#passed();
    await plan(this.folder, 0);
    if (end === 'quiet') return undefined;
    await this.host.restart();
    return passed[number - 1];
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

async function plan(folder: string, number: number): Promise<void> {
  await writeFile(join(folder, 'passed'), '');
  await writeFile(join(folder, 'plan'), String(number));
}

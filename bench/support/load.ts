import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface LoadRequest {
  readonly url: string;
  readonly connections: number;
  /** Seconds. */
  readonly duration: number;
  /** Requests a second over all connections; as fast as they can without it. */
  readonly overallRate?: number;
  /**
   * Never waits in the kernel: waking a process is at the cost of the server's writes, and comes the oftener the slower the
   * server is. Takes a whole core, so it is for a server that needs but one.
   */
  readonly staysAwake?: boolean;
}

export interface LoadResult {
  readonly requests: number;
  /** Answers other than 2xx, errors, time-outs and resets. */
  readonly failed: number;
  readonly perSecond: number;
}

/** Puts load on URLs from a process of its own, so that the server has its own to itself. */
export class Load {
  readonly #process: ChildProcess = fork(new URL('./load-process.js', import.meta.url));

  async run(request: LoadRequest): Promise<LoadResult> {
    this.#process.send(request);
    const [result] = (await once(this.#process, 'message')) as [LoadResult];
    return result;
  }

  end(): void {
    this.#process.kill();
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A plain Nest application in a process of its own. */
export class PlainApp {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<PlainApp> {
    const child = fork(new URL('./plain-process.js', import.meta.url));
    const [url] = (await once(child, 'message')) as [string];
    return new PlainApp(child, url);
  }

  /** @returns microseconds of processor time that it has used */
  async used(): Promise<number> {
    this.child.send('used');
    const [{ user, system }] = (await once(this.child, 'message')) as [NodeJS.CpuUsage];
    return user + system;
  }

  end(): void {
    this.child.kill();
  }
}

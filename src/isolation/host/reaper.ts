import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';

const ENTRY = fileURLToPath(new URL('./reaper-main.js', import.meta.url));

/** A process to be ended, and its folder to be removed, where the host is gone. */
export interface Watched {
  readonly pid: number;
  readonly folder: string;
}

/** What the reaper reads, one JSON text a line. */
export type ReaperOrder = { readonly watch: Watched } | { readonly forget: number };

/**
 * Sees to it that no process of a module outlives the host, whatever ends the host, and however stuck the process is.
 * One small process of its own, which is started with the first module that is isolated: it holds the end of a pipe,
 * and does its work when the pipe breaks.
 */
@Injectable()
export class Reaper implements BeforeApplicationShutdown {
  readonly #watched = new Map<number, Watched>();
  #process: ChildProcess | undefined;
  #closing = false;

  /** @returns what ends the watch, to be called once the process has ended */
  watch(watched: Watched): () => void {
    this.#watched.set(watched.pid, watched);
    if (this.#process) this.#tell({ watch: watched });
    else this.#start();
    return () => {
      this.#watched.delete(watched.pid);
      this.#tell({ forget: watched.pid });
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closing = true;
    const reaper = this.#process;
    if (!reaper) return;
    const exited = once(reaper, 'exit');
    reaper.stdin?.end();
    await exited;
  }

  #start(): void {
    const reaper = spawn(process.execPath, ['--max-old-space-size=32', ENTRY], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {},
      detached: true, // out of reach of what a terminal sends to the host
    });
    this.#process = reaper;
    reaper.stdin?.on('error', () => undefined); // told by its exit
    const restart = () => {
      this.#process = undefined;
      if (!this.#closing && this.#watched.size > 0) this.#start();
    };
    reaper.once('exit', restart);
    reaper.once('error', () => undefined);
    for (const watched of this.#watched.values()) this.#tell({ watch: watched });
  }

  #tell(order: ReaperOrder): void {
    this.#process?.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}

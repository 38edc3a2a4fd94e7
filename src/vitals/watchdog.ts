import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../config/index.js';
import { CODE_ORIGINS, type CodeOrigins, parseBundleFileName } from '../kernel/index.js';
import { type Blockage, WATCH_MS, type WatchdogOptions } from './watchdog-protocol.js';

const WORKER = fileURLToPath(new URL('./watchdog-worker.js', import.meta.url));

/** How a module has blocked the host's event loop since the host's start. */
export interface BlockedBy {
  readonly times: number;
  readonly longestMs: number;
  /** The author's file, line and column, the last time; null where they are not known. */
  readonly at: string | null;
}

/** Names who blocks the event loop: a thread of its own looks whether the loop goes on, and where it stands if not. */
@Injectable()
export class Watchdog {
  readonly #blocked = new Map<string, BlockedBy>();

  constructor(
    @Inject(CODE_ORIGINS) private readonly origins: CodeOrigins,
    @Inject(HOST_CONFIG) private readonly config: Pick<HostConfig, 'blockedLoopMs'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns what ends the watch */
  watch(): () => Promise<void> {
    const beat = new SharedArrayBuffer(4);
    const word = new Int32Array(beat);
    const timer = setInterval(() => Atomics.add(word, 0, 1), WATCH_MS).unref();
    const workerData: WatchdogOptions = { beat, blockedMs: this.config.blockedLoopMs };
    const worker = new Worker(WORKER, { workerData, execArgv: [], env: {} });
    worker.on('message', (blockage: Blockage) => this.#tell(blockage));
    worker.on('error', (err) => this.logger.error({ err }, 'The watch over the event loop has ended'));
    // Last, as whoever listens holds the process up.
    worker.unref();
    return async () => {
      clearInterval(timer);
      await worker.terminate();
    };
  }

  /** By module. */
  blocked(): Readonly<Record<string, BlockedBy>> {
    return Object.fromEntries(this.#blocked);
  }

  #tell({ blockedMs, frames }: Blockage): void {
    const frame = frames.find(({ url }) => parseBundleFileName(url));
    if (!frame) {
      const [first] = frames;
      const at = first ? `${first.url}:${first.lineNumber + 1}` : 'native code';
      return void this.logger.warn(
        { blockedMs, at },
        'The event loop was blocked, and by no code of a module that could be seen',
      );
    }
    const origin = parseBundleFileName(frame.url);
    if (!origin) return;
    const position = this.origins.locate(frame.url, frame.lineNumber + 1, frame.columnNumber + 1);
    const at = position ? `${position.file}:${position.line}:${position.column}` : null;
    const known = this.#blocked.get(origin.module) ?? { times: 0, longestMs: 0, at: null };
    this.#blocked.set(origin.module, { times: known.times + 1, longestMs: Math.max(known.longestMs, blockedMs), at });
    this.logger.error(
      { ...origin, blockedMs, at },
      `${origin.module} blocked the host's event loop for ${blockedMs} ms`,
    );
  }
}

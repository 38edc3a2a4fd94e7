import { Readable } from 'node:stream';
import { type HostEvent } from '../../kernel/index.js';

/** Proxies cut connections on which nothing moves. */
const BEAT_MS = 15_000;
/** Bytes that may wait for a client which does not read; beyond, it is cut off, and may come back for the rest. */
const LARGEST_BACKLOG = 1024 * 1024;

/** Events as `text/event-stream`. */
export class EventStream extends Readable {
  readonly #beat: NodeJS.Timeout;

  constructor() {
    super({ read: () => undefined });
    // Sent at once, so that the client knows that it is connected.
    this.#write('retry: 2000\n\n');
    this.#beat = setInterval(() => this.#write(': still here\n\n'), BEAT_MS).unref();
  }

  send({ id, type, time, host, data }: HostEvent): void {
    this.#write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ id, type, time, host, data })}\n\n`);
  }

  /** The client should come back, here or elsewhere. */
  end(): void {
    clearInterval(this.#beat);
    this.push(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearInterval(this.#beat);
    callback(error);
  }

  #write(text: string): void {
    if (this.destroyed || this.readableEnded) return;
    this.push(text);
    if (this.readableLength > LARGEST_BACKLOG) this.destroy();
  }
}

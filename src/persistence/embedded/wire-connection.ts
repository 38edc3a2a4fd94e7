import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { FRONTEND, FrontendFrames, isCancelRequest } from './frames.js';
import { SessionState } from './session-state.js';
import { type BackendClient, type SharedBackend } from './shared-backend.js';

/** Milliseconds that a connection has to take the reason for its end. */
const TERMINATE_MS = 1_000;

/** A connection to the embedded database that `pg` takes for a socket: its `stream` option. */
export class WireConnection extends Duplex implements BackendClient {
  readonly session = new SessionState();
  readonly #frames = new FrontendFrames();

  /** @param idleTransactionMs see {@link BackendClient} */
  constructor(
    private readonly backend: SharedBackend,
    readonly idleTransactionMs?: number,
  ) {
    super({ decodeStrings: true, allowHalfOpen: false });
  }

  /** Called by `pg` with a port and a host, neither of which there is. */
  connect(): this {
    this.backend.add(this);
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  deliver(bytes: Buffer): void {
    if (!this.destroyed) this.push(bytes);
  }

  terminate(reason: Buffer): void {
    this.deliver(reason);
    this.push(null);
    // Whoever does not even take the reason may be stopped: the others wait no longer for that.
    setTimeout(() => this.destroy(), TERMINATE_MS).unref();
  }

  override _read(): void {
    // Answers are pushed as they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#receive(chunk).then(() => done(), done);
  }

  /** `pg` corks the messages of one query: together they are one call. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#receive(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    try {
      this.backend.remove(this);
      done(error);
    } catch (failure) {
      done(failure as Error);
    }
  }

  async #receive(chunk: Buffer): Promise<void> {
    const frames = this.#frames.push(chunk);
    const end = frames.findIndex((frame) => frame.type === FRONTEND.terminate || isCancelRequest(frame));
    const messages = end === -1 ? frames : frames.slice(0, end);
    // The database answers within the call. As with a socket, others get their turn of the event loop before that.
    await setImmediate();
    if (messages.length > 0 && !this.destroyed) await this.backend.exchange(this, messages);
    // A cancel request ends here too: a query has its answer before anything else is heard.
    if (end !== -1) this.push(null);
  }
}

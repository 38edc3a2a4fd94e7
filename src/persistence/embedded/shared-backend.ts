import { type PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { toError } from '../../common/to-error.js';
import { BACKEND, backendFrames, fatalError, type Frame, IDLE, simpleQuery, syncMessage } from './frames.js';
import { notifiedChannel, type SessionState } from './session-state.js';
import { Turnstile } from './turnstile.js';

/** A connection, as the backend sees it. */
export interface BackendClient {
  readonly session: SessionState;
  /** Milliseconds that a transaction of it may say nothing while others wait; where missing, as for all. */
  readonly idleTransactionMs?: number;
  /** Takes bytes of the server's answer. */
  deliver(bytes: Buffer): void;
  /** Is told why, and then cut off. */
  terminate(reason: Buffer): void;
}

/** A transaction that says nothing for so long, while others wait, is cut off: PostgreSQL's own timeout would stop the process here. */
const IDLE_TRANSACTION_MS = 30_000;

/**
 * The one session that the embedded database has, shared by any number of connections.
 *
 * A connection enters with its first message and leaves once the server is ready for a query outside any
 * transaction: so no transaction ever holds another connection's statements. When the session changes hands, what
 * the last holder has set is reset, and the search path of the next one is set again. Notifications go to those
 * connections that listen, whoever's turn they came up in.
 *
 * Shared nonetheless: temporary tables, named prepared statements, session-level advisory locks.
 */
export class SharedBackend {
  readonly #turns = new Turnstile<BackendClient>();
  readonly #clients = new Set<BackendClient>();
  /** The connection whose settings the session carries. */
  #lastInside: BackendClient | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: PGlite,
    private readonly idleTransactionMs = IDLE_TRANSACTION_MS,
  ) {}

  add(client: BackendClient): void {
    this.#clients.add(client);
  }

  /** Sends whole frames to the server and delivers its answer. */
  async exchange(client: BackendClient, frames: readonly Frame[]): Promise<void> {
    await this.#turns.enter(client);
    clearTimeout(this.#idleTimer);
    if (this.#lastInside !== client) this.#handOver(client);
    for (const frame of frames) client.session.noteSent(frame);
    const answer = this.#send(Buffer.concat(frames.map(({ bytes }) => bytes)));
    let idle = false;
    let deafened = false;
    const own: Buffer[] = [];
    for (const frame of backendFrames(answer)) {
      if (frame.type === BACKEND.notification) {
        this.#notify(frame);
        continue;
      }
      own.push(frame.bytes);
      deafened = client.session.noteAnswered(frame) || deafened;
      if (frame.type === BACKEND.readyForQuery) idle = frame.body.readUInt8(0) === IDLE;
    }
    if (own.length > 0) client.deliver(own.length === 1 ? (own[0] as Buffer) : Buffer.concat(own));
    if (!idle) return this.#awaitNext(client);
    if (deafened) this.#listenAgain();
    this.#turns.leave(client);
  }

  /** The connection is gone: what it has begun is rolled back. */
  remove(client: BackendClient): void {
    if (!this.#clients.delete(client)) return;
    this.#turns.turnAway(client, new Error('the connection was closed while it waited for its turn'));
    if (!this.#turns.isInside(client)) return;
    clearTimeout(this.#idleTimer);
    try {
      // Sync first: after an error, the server skips all else until there is one.
      this.#send(syncMessage());
      this.#run('ROLLBACK');
    } finally {
      this.#lastInside = undefined;
      this.#turns.leave(client);
    }
  }

  #awaitNext(client: BackendClient): void {
    this.#idleTimer = setTimeout(() => {
      if (this.#turns.waiting === 0) this.#awaitNext(client);
      else client.terminate(fatalError('25P03', 'the transaction was idle while other connections waited'));
    }, client.idleTransactionMs ?? this.idleTransactionMs);
    this.#idleTimer.unref();
  }

  #handOver(client: BackendClient): void {
    this.#lastInside = undefined;
    const { searchPath } = client.session;
    const restore =
      searchPath === undefined ? '' : `; SELECT set_config('search_path', ${pg.escapeLiteral(searchPath)}, false)`;
    this.#run(`RESET SESSION AUTHORIZATION; RESET ALL${restore}`);
    this.#lastInside = client;
  }

  #listenAgain(): void {
    const channels = new Set([...this.#clients].flatMap(({ session }) => [...session.channels]));
    if (channels.size === 0) return;
    this.#run([...channels].map((channel) => `LISTEN ${pg.escapeIdentifier(channel)}`).join('; '));
  }

  #notify(frame: Frame): void {
    const channel = notifiedChannel(frame);
    for (const client of this.#clients) if (client.session.channels.has(channel)) client.deliver(frame.bytes);
  }

  /** A statement of the backend's own; its answer is nobody's. */
  #run(sql: string): void {
    for (const frame of backendFrames(this.#send(simpleQuery(sql)))) {
      if (frame.type === BACKEND.notification) this.#notify(frame);
      if (frame.type === BACKEND.errorResponse) throw new Error(`the embedded database failed at: ${sql}`);
    }
  }

  /**
   * PGlite's synchronous call would also parse every answer and keep it for ever; this one only hands the bytes over.
   * It has run by the time it returns, as there are no files to sync: the server writes to them itself.
   */
  #send(message: Buffer): Buffer {
    const answer: Buffer[] = [];
    const onRawData = (bytes: Uint8Array) => void answer.push(Buffer.from(bytes));
    this.server
      .execProtocolRawStream(message, { syncToFs: false, onRawData })
      .catch((error: unknown) => this.#breakDown(toError(error)));
    return Buffer.concat(answer);
  }

  /** The server itself has failed, and not a statement: nobody will get an answer any more. */
  #breakDown({ message }: Error): void {
    for (const client of this.#clients)
      client.terminate(fatalError('XX000', `the embedded database failed: ${message}`));
  }
}

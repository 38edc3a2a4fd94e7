import { PgBoss } from 'pg-boss';
import { type EntityManager } from 'typeorm';
import { toError } from '../../common/to-error.js';
import { type HostDatabase } from '../../persistence/index.js';
import { attemptMessageId } from '../schedule/tick-id.js';
import { bossDatabase, transactionDatabase } from './boss-database.js';
import { WorkerCrew } from './worker-crew.js';

/** Asks for one attempt of a run. It says enough for a host to begin at once. */
export interface AttemptMessage {
  readonly runId: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly jobId: string;
  /** The module's name; also what messages are shared out fairly by. */
  readonly module: string;
  /** The job's key. */
  readonly key: string;
  /** Never beside another run of the job. */
  readonly exclusive: boolean;
  /** Milliseconds that the attempt may take. */
  readonly timeoutMs: number;
}

/** A message in the hands of this host. */
export interface Delivery extends AttemptMessage {
  /** How often the message was handed out before: above 0, whoever had it was lost. */
  readonly redelivery: number;
}

export interface SendOptions {
  /** Milliseconds before the message is handed out. */
  readonly delayMs?: number;
  /** A further message for the same attempt, where an earlier one could not be acted on. */
  readonly again?: boolean;
  /** Left to the other hosts, as far as they want it: this one looks no sooner than it would anyway. */
  readonly leave?: boolean;
}

export interface JobEngineOptions {
  /** Schema of pg-boss's own tables. */
  readonly schema: string;
  /** Runs at the same time on this host. */
  readonly concurrency: number;
  readonly onError: (error: Error) => void;
  readonly onWarning: (message: string, data: object) => void;
}

/** One queue for the runs of all jobs: each queue of pg-boss's costs polls of its own. */
const QUEUE = 'nestdock-runs';
/** The least that pg-boss takes: a host that is not heard from for so long has lost what it was running. */
const HEARTBEAT_SECONDS = 10;
/**
 * How often hosts look for messages whose host was lost: with the rest, a run is taken over within 15 seconds. The one
 * host of an embedded database has lost none but those from before its start.
 */
const SUPERVISION_SECONDS = { postgres: 2, embedded: 4 } as const;
/** Our own timers end an attempt first; pg-boss's expiry is for when they cannot. */
const EXPIRY_MARGIN_SECONDS = 60;
/** pg-boss takes less than a day. */
const LONGEST_EXPIRY_SECONDS = 86_399;
/** Milliseconds that the timeout of a job may be at most. */
export const LONGEST_TIMEOUT_MS = (LONGEST_EXPIRY_SECONDS - EXPIRY_MARGIN_SECONDS) * 1000;
/** How often a message may come back: whether a run is tried again is not the queue's to say. */
const REDELIVERIES = 10_000;
const START_ATTEMPTS = 1_000;

/** pg-boss, as far as we need it: durable messages that are handed to one host each, and to another where it is lost. */
export class JobEngine {
  readonly #boss: PgBoss;
  readonly #crew: WorkerCrew<AttemptMessage>;
  #ready: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(database: HostDatabase, { schema, concurrency, onError, onWarning }: JobEngineOptions) {
    this.#boss = new PgBoss({
      db: bossDatabase(database, { onNews: () => this.#crew.wake(), onError }),
      schema,
      schedule: false,
      registerInstance: false,
      monitorVacuum: false,
      reindex: database.kind === 'postgres',
      useListenNotify: true,
      superviseIntervalSeconds: SUPERVISION_SECONDS[database.kind],
      monitorIntervalSeconds: SUPERVISION_SECONDS[database.kind],
      openTelemetry: { enabled: false },
    });
    this.#boss.on('error', (error) => onError(toError(error)));
    this.#boss.on('warning', ({ message, data }) => onWarning(message, data));
    this.#crew = new WorkerCrew(this.#boss, { queue: QUEUE, size: concurrency, onError });
  }

  /** Connects, and makes or updates pg-boss's tables. Calls at the same time share one start. */
  start(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  /** Sends messages as part of the transaction: they are there if and when that commits. One that was sent before is not. */
  async send(
    messages: readonly AttemptMessage[],
    transaction: EntityManager,
    { delayMs = 0, again = false, leave = false }: SendOptions = {},
  ): Promise<void> {
    if (messages.length === 0) return;
    const startAfter = delayMs > 0 && new Date(Date.now() + delayMs).toISOString();
    const inserts = messages.map((message) => ({
      data: message,
      ...(!again && { id: attemptMessageId(message.runId, message.attempt) }),
      group: { id: message.module },
      expireInSeconds: Math.min(LONGEST_EXPIRY_SECONDS, Math.ceil(message.timeoutMs / 1000) + EXPIRY_MARGIN_SECONDS),
      ...(startAfter && { startAfter }),
    }));
    await this.#boss.insert(QUEUE, inserts, { db: transactionDatabase(transaction) });
    if (delayMs > 0 && !leave) this.#crew.wakeIn(delayMs);
  }

  /** Has this host look for messages now: sooner than the database's notice of what it has just sent. */
  wake(): void {
    this.#crew.wake();
  }

  /** Hands each message to `handle`. One that rejects comes back a second later, with `redelivery` counted up. */
  async work(handle: (delivery: Delivery) => Promise<void>): Promise<void> {
    await this.start();
    this.#crew.start((message) => handle({ ...message.data, redelivery: message.retryCount }));
  }

  /** Takes no more messages. Those in hand go on. */
  async stopIntake(): Promise<void> {
    await this.#crew.stopIntake();
  }

  /** What is still in hand goes to another host. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    await this.#boss.start({ attempts: START_ATTEMPTS });
    await this.#boss.createQueue(QUEUE, {
      notify: true,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      retryLimit: REDELIVERIES,
      retryDelay: 1,
      deleteAfterSeconds: 600,
    });
  }

  async #stop(): Promise<void> {
    await this.#crew.stop();
    await this.#boss.stop({ graceful: false });
  }
}

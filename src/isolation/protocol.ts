import { type HostConfig } from '../config/index.js';
import { type Deadlines, type Incident, type Release } from '../kernel/index.js';
import { type ModuleConnection } from '../persistence/index.js';
import { type JobContext } from '../sdk/index.js';
import { type SentError } from './sent-error.js';

/** What one process of a module is to load: all that it needs to know of the host, and nothing else. */
export interface LoadOrder {
  readonly release: Release;
  /** Of the generation, as the host counts them. */
  readonly generation: number;
  /** Those that were granted. */
  readonly permissions: readonly string[];
  readonly deadlines: Deadlines;
  /** The host's, without its secrets and its database. */
  readonly config: HostConfig;
  readonly connection: ModuleConnection;
  /** Where the process is to take requests: path of a Unix socket. */
  readonly socketPath: string;
  /** Values of the module's settings, secrets in the clear. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The release has served before what came after it, whatever its version says. */
  readonly fallsBack: boolean;
}

/** The run that a job's handler is called for. */
export interface SentRun {
  readonly job: JobContext['job'];
  readonly idempotencyKey: string;
}

/** Why a handler is told to stop. */
export interface SentAbort {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

/** What a process answers requests with. */
export interface Loaded {
  readonly routes: readonly { readonly method: string; readonly path: string }[];
}

/** `id` names one call among those that are under way. */
export type ToChild =
  | { readonly type: 'load'; readonly order: LoadOrder }
  /** The generation serves: schedules begin. */
  | { readonly type: 'serve' }
  /** It serves no longer: schedules end. Requests that are under way go on. */
  | { readonly type: 'stop-intake' }
  | { readonly type: 'settings'; readonly id: number; readonly values: Readonly<Record<string, unknown>> }
  /** Calls the handler of a job. */
  | { readonly type: 'run'; readonly id: number; readonly handler: string; readonly run: SentRun }
  /** Asks for the OpenAPI document. */
  | { readonly type: 'describe'; readonly id: number }
  | { readonly type: 'abort'; readonly id: number; readonly reason: SentAbort }
  /** Everything is taken back, and the process ends. */
  | { readonly type: 'end' };

export type FromChild =
  | { readonly type: 'loaded'; readonly loaded: Loaded }
  | { readonly type: 'load-failed'; readonly error: SentError }
  | { readonly type: 'checkpoint'; readonly step: string }
  | { readonly type: 'beat'; readonly rssBytes: number }
  | { readonly type: 'returned'; readonly id: number; readonly value: unknown }
  | { readonly type: 'threw'; readonly id: number; readonly error: SentError }
  | { readonly type: 'progress'; readonly id: number; readonly percent: number; readonly message: string | undefined }
  | {
      readonly type: 'line';
      readonly id: number;
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string | SentError;
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly type: 'incident'; readonly incident: Incident }
  /** What could not be taken back at the end. */
  | { readonly type: 'ended'; readonly failures: readonly SentError[] };

/** Of an answer: nothing of the module's has matched, so the host answers its own 404. */
export const UNMATCHED_HEADER = 'x-nestdock-unmatched';

/** Of a request: who has sent it, as `address port family id`; taken off before the module sees the request. */
export const CLIENT_HEADER = 'x-nestdock-client';

/** How often a process says that it is alive. */
export const BEAT_MS = 200;

import { setMaxListeners } from 'node:events';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type OpenAPIObject } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type DataSource, type EntitySchema } from 'typeorm';
import { type ModuleScope } from '../common/module-scope.js';
import { type ModuleContext, type ModuleSettings, type SettingsListener } from '../sdk/index.js';
import { InFlight } from './in-flight.js';
import { type Isolation, type ModuleTerms } from './module-terms.js';
import { type Release } from './release.js';
import { type RouteEntry } from './route-entry.js';
import { type Surroundings } from './surroundings.js';

/** A function of the module's, named by the manifest. */
export type ModuleFunction = (...args: unknown[]) => unknown;

/** What the bundle evaluated to. */
export interface ModuleCode {
  /** Default export of the entry; undefined where the manifest has no entry. */
  readonly entry: unknown;
  /** The function that a handler reference of the manifest names, such as `./src/jobs/collect.ts#collect`. */
  handler(reference: string): ModuleFunction;
  /** What a file exports that the bundle holds under this key, such as `src/migrations/002_fill.ts`. */
  exportsOf(file: string): Readonly<Record<string, unknown>>;
}

/** What the host and a plugin share of a request that the plugin has taken over. */
export interface RequestInHand {
  /** What the host's log knows the request by. */
  readonly id: string;
  /** Aborts where nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** What the handler has promised: a drain waits for it, even where the host has answered in its place. */
  running: PromiseLike<unknown> | undefined;
}

/**
 * Takes a raw request over, answer included: how a docked Fastify plugin is reached.
 * Calls `unmatched`, and writes nothing, where neither a route nor a 404 handler of the plugin answers;
 * the body may have been read by then, so the host must answer its 404 without parsing it.
 */
export type RequestListener = (
  request: IncomingMessage,
  response: ServerResponse,
  unmatched: () => void,
  inHand: RequestInHand,
) => void;

/** Runs the module's Nest middleware before the body is parsed; `next` gets what a middleware failed with. */
export type MiddlewareRunner = (request: FastifyRequest, reply: FastifyReply, next: (error?: unknown) => void) => void;

/** What a generation answers requests with. */
export interface RequestSurface {
  readonly routes: readonly RouteEntry[];
  /** Absent where the module has no middleware. */
  readonly middleware?: MiddlewareRunner;
  /** Takes what no route matches: the module's entry where that is a Fastify plugin, or its process. */
  readonly plugin?: {
    readonly listener: RequestListener;
    /** The plugin's routes, to be shown: `{ method, path }`, from the host's root. */
    readonly routes: readonly { readonly method: string; readonly path: string }[];
  };
}

/** What the module's code has told TypeORM of itself while it was evaluated. */
export interface ModuleEntities {
  /** Entities and views: classes and schemas. */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as TypeORM has it
  readonly entities: readonly (Function | EntitySchema)[];
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as TypeORM has it
  readonly subscribers: readonly Function[];
}

/** The module's own tables, over the host's one pool. */
export interface ModuleData {
  /** Initialised; its search path is the module's schema, its entities are those of the generation's code. */
  readonly dataSource: DataSource;
}

/** The module's settings as they are now. */
export interface LiveSettings {
  /** By field; secrets in the clear. One object, whose reads give the value of the moment. */
  readonly values: ModuleSettings;
  /** Told after each change that this host learns of. What it fails with, or hangs in, is logged. @returns what ends it. */
  onChange(listener: SettingsListener): () => void;
}

/** What capabilities hand on to those attached after them. */
export interface GenerationParts {
  surroundings: Surroundings;
  code: ModuleCode;
  entities: ModuleEntities;
  data: ModuleData;
  settings: LiveSettings;
  context: ModuleContext;
  requests: RequestSurface;
  /** The OpenAPI document of this generation alone; built when asked. */
  apiDocument: () => Promise<OpenAPIObject>;
  /** Whether the release has served before what came after it, whatever its version says: its schema may be newer. */
  fallsBack: boolean;
}

/** One loaded instance of a release in this host. During a reload two of one module exist side by side. */
export class Generation {
  readonly inFlight = new InFlight();
  /** For `runInScope`, wherever the host calls the module's code. */
  readonly scope: ModuleScope;
  readonly #parts: Partial<GenerationParts> = {};
  readonly #expiry = new AbortController();

  constructor(
    readonly release: Release,
    /** Counts the generations of this module in this host, from 1. */
    readonly number: number,
    readonly terms: ModuleTerms = { isolation: 'inline', permissions: { asked: [], granted: [] } },
  ) {
    this.scope = Object.freeze({ module: release.name, generation: number });
    // Everything that runs listens, however much that is.
    setMaxListeners(0, this.#expiry.signal);
  }

  get name(): string {
    return this.release.name;
  }

  /** Where its code runs. */
  get isolation(): Isolation {
    return this.terms.isolation;
  }

  /** What the manifest asks for and the operator has granted. */
  get permissions(): readonly string[] {
    const { permissions: asked = [] } = this.release.manifest;
    return this.terms.permissions.granted.filter((permission) => asked.includes(permission));
  }

  /** Unique in this host, such as `hello@3`. */
  get id(): string {
    return `${this.release.name}@${this.number}`;
  }

  /** Aborts once the drain deadline has passed: whatever still runs must end now. */
  get expired(): AbortSignal {
    return this.#expiry.signal;
  }

  expire(): void {
    this.#expiry.abort(new DOMException(`${this.id} was unloaded`, 'AbortError'));
  }

  provide<K extends keyof GenerationParts>(part: K, value: GenerationParts[K]): void {
    this.#parts[part] = value;
  }

  /** @throws where no capability before has provided the part: an error of the host's own composition. */
  part<K extends keyof GenerationParts>(part: K): GenerationParts[K] {
    const value = this.#parts[part];
    if (value === undefined) throw new Error(`${this.id} has no "${part}" yet`);
    return value;
  }

  /** Lets go of the module's code, so that a forgotten reference to the generation retains none of it. */
  clear(): void {
    for (const part of Object.keys(this.#parts)) delete this.#parts[part as keyof GenerationParts];
  }
}

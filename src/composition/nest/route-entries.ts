import { type HttpServer, RequestMethod, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import {
  HTTP_METHODS,
  type HttpMethod,
  type RouteEntry,
  type RouteEntryHandler,
  type RouteSchema,
} from '../../kernel/index.js';
import { type NestInternals, type NestModuleRef, type ResolvedRoute, ROUTE_METADATA } from '../nest-internals.js';
import { type DockedTree } from './docked-tree.js';
import { type RouteVersion, VersionSelection } from './version-selection.js';

type Matches = NonNullable<RouteEntry['matches']>;

const isHttpMethod = (name: string): name is HttpMethod => (HTTP_METHODS as readonly string[]).includes(name);

/**
 * The routes of a tree's controllers, each with Nest's own handler: guards, pipes, interceptors and filters in place.
 * Versions that are not in the path are told apart by `matches`; routes of any version stand behind them.
 */
export class RouteEntries {
  readonly #selections = new Map<string, VersionSelection>();
  readonly #versioned: RouteEntry[] = [];
  readonly #others: RouteEntry[] = [];

  constructor(
    private readonly nest: NestInternals,
    private readonly tree: DockedTree,
  ) {}

  /** @param adapter what the handlers answer through */
  addControllersOf(
    module: NestModuleRef,
    adapter: HttpServer,
    isWanted: (controller: unknown) => boolean,
    sourceOf = controllerMethod,
  ): void {
    const registrar = Object.create(adapter, {
      // Nest would hand the version to Fastify's router; here the table asks the entry.
      applyVersionFilter: { value: (handler: unknown) => handler },
    }) as HttpServer;
    const view = this.nest.view(this.tree.nestModules, adapter);
    const { config } = this.tree;
    this.nest.routes(module, view, config, registrar, isWanted, (route) => this.#add(route, sourceOf(route)));
  }

  toArray(): RouteEntry[] {
    return [...this.#versioned, ...this.#others];
  }

  #add(route: ResolvedRoute, source: string): void {
    // Where find-my-way reads a path otherwise than Nest's middleware does, the request must match both ways.
    const readAlike = this.nest.httpAdapter.createRouteParamsMatcher(route.path);
    const host = route.host === undefined ? '' : `host=${String(route.host)}`;
    const handler = route.handler as RouteEntryHandler;
    const traits = { path: route.path, source, handler, ...metadataOf(route) };
    for (const method of methodsOf(route, source)) {
      for (const version of this.#versionsOf(route)) {
        const asked = version === undefined ? undefined : this.#asksFor(version, `${method} ${route.path}`);
        const variant = [host, version === undefined ? '' : `version=${nameOf(version)}`].filter(Boolean).join(' ');
        const matches = both(asked, readAlike);
        const entry = { method, ...traits, ...(variant && { variant }), ...(matches && { matches }) };
        (version === undefined ? this.#others : this.#versioned).push(entry);
      }
    }
  }

  /** undefined: whatever version a request asks for. */
  #versionsOf({ version }: ResolvedRoute): readonly (RouteVersion | undefined)[] {
    if (this.tree.config.getVersioning()?.type === VersioningType.URI) return [undefined];
    if (version === undefined || version === VERSION_NEUTRAL) return [undefined];
    return [version].flat();
  }

  #asksFor(version: RouteVersion, path: string): Matches {
    const selection = this.#selections.get(path) ?? new VersionSelection(this.tree.config.getVersioning());
    this.#selections.set(path, selection);
    selection.add(version);
    return (request) => selection.select(request) === version;
  }
}

const nameOf = (version: RouteVersion) => (version === VERSION_NEUTRAL ? 'none' : version);

function both(one: Matches | undefined, other: Matches | undefined): Matches | undefined {
  return one && other ? (request) => one(request) && other(request) : (one ?? other);
}

function controllerMethod({ instanceWrapper, methodName }: ResolvedRoute): string {
  return `${String(instanceWrapper.name)}.${methodName}`;
}

function methodsOf(route: ResolvedRoute, source: string): readonly HttpMethod[] {
  if (route.method === RequestMethod.ALL) return HTTP_METHODS;
  const name = RequestMethod[route.method] ?? String(route.method);
  if (isHttpMethod(name)) return [name];
  throw new NestdockError('COMPOSITION_FAILED', `${source} answers ${name}, which module routes cannot`);
}

function metadataOf({ targetCallback }: ResolvedRoute): Partial<RouteEntry> {
  const config = Reflect.getMetadata(ROUTE_METADATA.config, targetCallback) as RouteEntry['config'];
  const constraints = Reflect.getMetadata(ROUTE_METADATA.constraints, targetCallback) as RouteEntry['constraints'];
  const schema = Reflect.getMetadata(ROUTE_METADATA.schema, targetCallback) as RouteSchema | undefined;
  return { ...(config && { config }), ...(constraints && { constraints }), ...(schema && { schema }) };
}

import { type IncomingHttpHeaders } from 'node:http';
import FindMyWay from 'find-my-way';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { toError } from '../common/to-error.js';
import { type HttpMethod, type RouteEntry } from '../kernel/index.js';
import { DockedRoute } from './docked-route.js';
import { RouteVariants } from './route-variants.js';
import { type SchemaCompilers } from './schema-compilers.js';

/** How the host's own router matches; the tables match the same way. */
export interface MatchingOptions {
  readonly caseSensitive?: boolean;
  readonly ignoreTrailingSlash?: boolean;
  readonly ignoreDuplicateSlashes?: boolean;
  readonly useSemicolonDelimiter?: boolean;
  readonly allowUnsafeRegex?: boolean;
  /** Characters; the host's default is 100. */
  readonly maxParamLength?: number;
}

export interface RouteMatch {
  /** null where the path would match but for a parameter that is too long. */
  readonly store: RouteVariants | null;
  readonly params: Record<string, string | undefined>;
}

type Router = FindMyWay.Instance<FindMyWay.HTTPVersion.V1>;

const OPTIONAL_LAST_PARAM = /(\/:[^/()]*?)\?(\/?)$/;
const nothing = () => undefined;

/** All routes of one generation. Never edited once built: a reload builds the next one and swaps them. */
export class RouteTable {
  readonly #router: Router;
  #constrained = false;

  /**
   * @param root `/api/v1/m/{name}`: what lies outside it could never be reached
   * @throws NestdockError ROUTE_CONFLICT, ROUTE_INVALID or ROUTE_SCHEMA_INVALID
   */
  constructor(
    private readonly root: string,
    entries: readonly RouteEntry[],
    private readonly schemas: SchemaCompilers,
    private readonly options: MatchingOptions = {},
  ) {
    this.#router = this.#newRouter();
    for (const entry of entries) explained(entry, () => this.#add(entry));
    for (const entry of entries) this.#addHead(entry);
    for (const entry of entries) this.#addOtherRoot(entry);
    this.#router.compile();
  }

  /** @param url path from the host's root, with or without a query string */
  find(method: string, url: string, headers: IncomingHttpHeaders): RouteMatch | null {
    const constraints = this.#constrained ? { host: headers.host, version: headers['accept-version'] } : undefined;
    return this.#router.find(method as HttpMethod, url, constraints);
  }

  #newRouter(): Router {
    // The host has parsed the query already. With `onMaxParamLength`, find() tells "too long" from "no route".
    return FindMyWay({ ...this.options, querystringParser: nothing, onMaxParamLength: nothing });
  }

  #add(entry: RouteEntry): void {
    if (entry.path !== this.root && !entry.path.startsWith(`${this.root}/`)) {
      throw new Error(`the path must begin with ${this.root}/`);
    }
    for (const path of pathsOf(entry)) this.#insert(path, entry, new DockedRoute(entry, this.schemas));
  }

  /** HEAD follows from GET, unless the module has a HEAD of its own. */
  #addHead(entry: RouteEntry): void {
    if (entry.method !== 'GET') return;
    const head: RouteEntry = { ...entry, method: 'HEAD' };
    for (const path of pathsOf(head)) {
      if (this.#variantsAt(path, head)?.has(head.variant)) continue;
      this.#insert(path, head, new DockedRoute(head, this.schemas, { headOfGet: true }));
    }
  }

  /** Fastify serves the root of a prefix with and without its slash; so does a module. */
  #addOtherRoot(entry: RouteEntry): void {
    if (entry.path !== this.root && entry.path !== `${this.root}/`) return;
    const other = entry.path === this.root ? `${this.root}/` : this.root;
    const methods: readonly HttpMethod[] = entry.method === 'GET' ? ['GET', 'HEAD'] : [entry.method];
    for (const method of methods) {
      const sibling: RouteEntry = { ...entry, method };
      const variants = this.#variantsAt(entry.path, sibling);
      if (variants && !this.#variantsAt(other, sibling)) this.#on(other, sibling, variants);
    }
  }

  #insert(path: string, entry: RouteEntry, route: DockedRoute): void {
    const present = this.#variantsAt(path, entry);
    if (present) present.add(route, this.#paramNames(path, entry));
    else this.#on(path, entry, new RouteVariants(route, this.#paramNames(path, entry)));
  }

  #on(path: string, { method, constraints = {} }: RouteEntry, variants: RouteVariants): void {
    this.#constrained ||= Object.keys(constraints).length > 0;
    this.#router.on(method, path, { constraints }, nothing, variants);
  }

  /** Found by the pattern, as find-my-way sees it: `/:id` and `/:name` are one. */
  #variantsAt(path: string, { method, constraints }: RouteEntry): RouteVariants | undefined {
    return this.#router.findRoute(method, this.#normalized(path), constraints)?.store as RouteVariants | undefined;
  }

  #paramNames(path: string, { method, constraints = {} }: RouteEntry): readonly string[] {
    if (!path.includes(':')) return [];
    const alone = this.#newRouter();
    alone.on(method, path, { constraints }, nothing);
    return alone.findRoute(method, this.#normalized(path), constraints)?.params ?? [];
  }

  /** What find-my-way makes of a path when it registers it, but not when it looks a pattern up. */
  #normalized(path: string): string {
    const single = this.options.ignoreDuplicateSlashes ? FindMyWay.removeDuplicateSlashes(path) : path;
    return this.options.ignoreTrailingSlash ? FindMyWay.trimLastSlash(single) : single;
  }
}

/** `/a/:id?` is `/a/:id` and `/a`. */
function pathsOf({ path }: RouteEntry): readonly string[] {
  if (!OPTIONAL_LAST_PARAM.test(path)) return [path];
  return [path.replace(OPTIONAL_LAST_PARAM, '$1$2'), path.replace(OPTIONAL_LAST_PARAM, '$2')];
}

/** Whatever find-my-way refuses is the author's to correct. */
function explained(entry: RouteEntry, insert: () => void): void {
  try {
    insert();
  } catch (cause) {
    if (cause instanceof NestdockError) throw cause;
    const detail = `${entry.source} (${entry.method} ${entry.path}): ${toError(cause).message}`;
    throw new NestdockError('ROUTE_INVALID', detail, { cause });
  }
}

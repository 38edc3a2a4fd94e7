import { NestdockError } from '../common/errors/nestdock-error.js';
import { type DockedRoute } from './docked-route.js';

/** What answers one method and path under one set of constraints: variants in the order of trying, often just one. */
export class RouteVariants {
  #first: DockedRoute;

  /** @param paramNames in the order of the path; the table knows the parameters of every variant by these */
  constructor(
    first: DockedRoute,
    private readonly paramNames: readonly string[],
  ) {
    this.#first = first;
  }

  get first(): DockedRoute {
    return this.#first;
  }

  has(variant: string | undefined): boolean {
    return this.#list().some((route) => route.entry.variant === variant);
  }

  /**
   * A route without a variant takes whatever reaches it, so it comes last.
   * @throws NestdockError ROUTE_CONFLICT where a route of the same variant is there
   */
  add(route: DockedRoute, paramNames: readonly string[]): void {
    const list = this.#list();
    const rival = list.find((other) => other.entry.variant === route.entry.variant);
    if (rival) throw conflict(rival, route);
    if (paramNames.some((name, index) => name !== this.paramNames[index])) {
      route.renamed = this.paramNames.map((name, index) => [name, paramNames[index] ?? name]);
    }
    const last = list.findIndex((other) => other.entry.variant === undefined);
    list.splice(last === -1 ? list.length : last, 0, route);
    list.forEach((each, index) => (each.next = list[index + 1]));
    this.#first = list[0] ?? route;
  }

  #list(): DockedRoute[] {
    const list: DockedRoute[] = [];
    for (let route: DockedRoute | undefined = this.#first; route; route = route.next) list.push(route);
    return list;
  }
}

function conflict({ entry: one }: DockedRoute, { entry: other }: DockedRoute): NestdockError {
  return new NestdockError(
    'ROUTE_CONFLICT',
    `${one.source} (${one.method} ${one.path}) and ${other.source} (${other.method} ${other.path}) answer the same requests`,
    { extensions: { sources: [one.source, other.source] } },
  );
}

import findMyWay from 'find-my-way';
import { itemsOf, type JsonObject, memberOf } from '../json-value.js';
import { type ManifestMethod } from '../manifest.js';
import { type ProblemList } from '../problem-list.js';
import { quote, where } from '../wording.js';

interface Route {
  readonly index: number;
  readonly method: ManifestMethod;
  readonly path: string;
}

/** Checks that each route's path can be served, and that no two routes answer the same. */
export function checkRoutes(manifest: JsonObject, problems: ProblemList): void {
  if (!problems.isSound(['routes'])) return;
  const served = new ServedRoutes();
  for (const route of itemsOf(manifest.routes).flatMap((item, index) => readRoute(item, index, problems))) {
    const at = ['routes', route.index, 'path'];
    const flaw = pathFlaw(route.path) ?? served.refusal(route);
    if (flaw === undefined) continue;
    const name = quote(`${route.method} ${route.path}`);
    if (typeof flaw === 'string') {
      problems.add('MANIFEST_ROUTE_PATH', { at }, { message: `${where(at)}: the path ${quote(route.path)} ${flaw}` });
    } else {
      const other = `\`routes[${flaw.index}]\`, ${quote(`${flaw.method} ${flaw.path}`)}`;
      const message = `${where(['routes', route.index])}: ${name} answers the same as ${other}`;
      problems.add('MANIFEST_ROUTE_DUPLICATE', { at }, { message });
    }
  }
}

/** The routes so far that answer something of their own. The router itself tells which do. */
class ServedRoutes {
  readonly #table = createTable();
  readonly #byShape = new Map<string, Route[]>();

  /** The route that answers the same already, or why the path cannot be routed at all; undefined where the route is taken in. */
  refusal(route: Route): Route | string | undefined {
    const shapes = shapesOf(route);
    const reason = routingError([route], this.#table);
    if (reason === undefined) {
      for (const shape of shapes) this.#byShape.set(shape, [...(this.#byShape.get(shape) ?? []), route]);
      return undefined;
    }
    const alike = shapes.flatMap((shape) => this.#byShape.get(shape) ?? []);
    const isRoutable = routingError([route], createTable()) === undefined;
    const other = isRoutable && alike.find((earlier) => routingError([earlier, route], createTable()) !== undefined);
    return other || `cannot be routed: ${reason}`;
  }
}

/** What routes that answer the same have in common; not all that have it in common do. */
function shapesOf({ method, path }: Route): string[] {
  const shape = withoutExpressions(path).replace(/:\w+/g, ':');
  const optional = shape.replace(/\/?:\?$/, '');
  return [shape.replace(/\?$/, ''), ...(optional === shape ? [] : [optional])].map(
    (each) => `${method} ${each.replace(/\/$/, '')}`,
  );
}

function readRoute(route: unknown, index: number, problems: ProblemList): Route[] {
  const method = memberOf(route, 'method');
  const path = memberOf(route, 'path');
  const isSound = ['method', 'path'].every((key) => problems.isSound(['routes', index, key]));
  if (!isSound || typeof method !== 'string' || typeof path !== 'string') return [];
  return [{ index, method: method as ManifestMethod, path }];
}

const PARAMETER = /:([^/:()*?.-]*)/g;

/** What the router would take, and nobody can mean. As the end of a sentence. */
function pathFlaw(path: string): string | undefined {
  const plain = withoutExpressions(path);
  if (/[\s\\#\p{Cc}]/u.test(plain)) return 'has a space, `#`, `\\` or a control character in it';
  if (plain.includes('//')) return 'has an empty segment';
  if (plain.split('/').some((segment) => segment === '.' || segment === '..')) return 'has a segment `.` or `..`';
  if (/\?./.test(plain)) return 'has a `?` before its end; queries are no part of it';
  if (/\?$/.test(plain) && !/:\w+\?$/.test(plain)) return 'ends with `?`, which only a parameter may';
  const names = [...plain.replaceAll('::', '').matchAll(PARAMETER)].map(([, name]) => name ?? '');
  if (names.some((name) => !/^\w+$/.test(name))) return 'has a parameter whose name is not letters, digits or `_`';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `has the parameter \`:${twice}\` twice`;
}

/** The path without the regular expressions of its parameters. */
function withoutExpressions(path: string): string {
  let depth = 0;
  return [...path]
    .filter((character) => {
      if (character === '(') depth++;
      const isInside = depth > 0;
      if (character === ')' && depth > 0) depth--;
      return !isInside;
    })
    .join('');
}

const createTable = () => findMyWay({ ignoreTrailingSlash: true });

/** Why the router refuses routes; undefined where it takes them all. */
function routingError(routes: readonly Route[], table: ReturnType<typeof createTable>): string | undefined {
  try {
    for (const { method, path } of routes) table.on(method, path, () => undefined);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

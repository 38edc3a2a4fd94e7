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
  const routes = itemsOf(manifest.routes).flatMap((route, index) => readRoute(route, index, problems));
  const served: Route[] = [];
  const table = createTable();
  for (const route of routes) {
    const at = ['routes', route.index, 'path'];
    const flaw = pathFlaw(route.path) ?? refusal([route], createTable());
    if (flaw !== undefined) {
      problems.add('MANIFEST_ROUTE_PATH', { at }, { message: `${where(at)}: the path ${quote(route.path)} ${flaw}` });
    } else if (refusal([route], table) !== undefined) {
      reportDuplicate(route, served, problems);
    } else {
      served.push(route);
    }
  }
}

function readRoute(route: unknown, index: number, problems: ProblemList): Route[] {
  const method = memberOf(route, 'method');
  const path = memberOf(route, 'path');
  const isSound = ['method', 'path'].every((key) => problems.isSound(['routes', index, key]));
  if (!isSound || typeof method !== 'string' || typeof path !== 'string') return [];
  return [{ index, method: method as ManifestMethod, path }];
}

function reportDuplicate(route: Route, served: readonly Route[], problems: ProblemList): void {
  const other = served.find((earlier) => refusal([earlier, route], createTable()) !== undefined);
  const named = other ? `\`routes[${other.index}]\`, ${quote(`${other.method} ${other.path}`)}` : 'an earlier route';
  const message = `${where(['routes', route.index])}: ${quote(`${route.method} ${route.path}`)} answers the same as ${named}`;
  problems.add('MANIFEST_ROUTE_DUPLICATE', { at: ['routes', route.index, 'path'] }, { message });
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

/** Why the router refuses a route, as the end of a sentence; undefined where it takes them all. */
function refusal(routes: readonly Route[], table: ReturnType<typeof createTable>): string | undefined {
  try {
    for (const { method, path } of routes) table.on(method, path, () => undefined);
    return undefined;
  } catch (error) {
    return `cannot be routed: ${(error as Error).message}`;
  }
}

import { describe, expect, test } from '@jest/globals';
import { type HttpMethod, type RouteEntry } from '../kernel/index.js';
import { type DockedRoute } from './docked-route.js';
import { type MatchingOptions, RouteTable } from './route-table.js';
import { SchemaCompilers } from './schema-compilers.js';

const ROOT = '/api/v1/m/hello';

function entry(line: string, more: Partial<RouteEntry> = {}): RouteEntry {
  const [method, path = ''] = line.split(' ');
  return { method: method as HttpMethod, path: ROOT + path, handler: () => line, source: line, ...more };
}

function tableOf(entries: readonly RouteEntry[], options?: MatchingOptions): RouteTable {
  return new RouteTable(ROOT, entries, new SchemaCompilers(() => JSON.stringify), options);
}

/** The sources of all variants that a request may reach, in the order of trying; none for no route. */
function variantsFor(table: RouteTable, line: string, headers = {}): string[] {
  const [method = '', path = ''] = line.split(' ');
  const sources: string[] = [];
  let route: DockedRoute | undefined = table.find(method, ROOT + path, headers)?.store?.first;
  for (; route; route = route.next) sources.push(route.entry.source);
  return sources;
}

function codeOf(build: () => unknown): unknown {
  try {
    build();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('matching', () => {
  const table = tableOf([
    entry('GET '),
    entry('GET /greet/:who'),
    entry('POST /greet/:who'),
    entry('GET /greet/world'),
    entry('GET /files/*'),
    entry('GET /at/:hour(^\\d+$)h'),
    entry('GET /years/:from-:to'),
    entry('GET /maybe/:id?'),
  ]);

  test.each<[string, string[], object]>([
    ['GET ', ['GET '], {}],
    ['GET /', ['GET '], {}],
    ['GET ?a=1', ['GET '], {}],
    ['GET /greet/ann', ['GET /greet/:who'], { who: 'ann' }],
    ['GET /greet/world', ['GET /greet/world'], {}],
    ['GET /greet/world?a=/b', ['GET /greet/world'], {}],
    ['POST /greet/world', ['POST /greet/:who'], { who: 'world' }],
    ['GET /greet/a%2Fb', ['GET /greet/:who'], { who: 'a/b' }],
    ['GET /greet/%C3%A4', ['GET /greet/:who'], { who: 'ä' }],
    ['GET /files/a/b.txt', ['GET /files/*'], { '*': 'a/b.txt' }],
    ['GET /at/12h', ['GET /at/:hour(^\\d+$)h'], { hour: '12' }],
    ['GET /at/xxh', [], {}],
    ['GET /years/1990-2000', ['GET /years/:from-:to'], { from: '1990', to: '2000' }],
    ['GET /maybe', ['GET /maybe/:id?'], {}],
    ['GET /maybe/7', ['GET /maybe/:id?'], { id: '7' }],
    ['GET /Greet/world', [], {}],
    ['GET /greet/world/', [], {}],
    ['GET //greet/world', [], {}],
    ['PUT /greet/world', [], {}],
    ['GET /nothing', [], {}],
  ])('%s', (request, sources, params) => {
    expect(variantsFor(table, request)).toEqual(sources);
    const [method = '', path = ''] = request.split(' ');
    expect({ ...table.find(method, ROOT + path, {})?.params }).toEqual(params);
  });

  test('a parameter that is too long is told from a path that is unknown', () => {
    expect(table.find('GET', `${ROOT}/greet/${'x'.repeat(101)}`, {})).toMatchObject({ store: null });
    expect(table.find('GET', `${ROOT}/other/${'x'.repeat(101)}`, {})).toBeNull();
  });

  test.each<[MatchingOptions, string]>([
    [{ caseSensitive: false }, 'GET /GREET/world'],
    [{ ignoreTrailingSlash: true }, 'GET /greet/world/'],
    [{ ignoreDuplicateSlashes: true }, 'GET //greet///world'],
    [{ useSemicolonDelimiter: true }, 'GET /greet/world;a=1'],
  ])("the host's %j holds for modules too", (options, request) => {
    expect(variantsFor(tableOf([entry('GET /greet/world')], options), request)).toEqual(['GET /greet/world']);
    expect(variantsFor(tableOf([entry('GET /greet/world')]), request)).toEqual([]);
  });

  test("the host's maxParamLength holds for modules too", () => {
    const short = tableOf([entry('GET /greet/:who')], { maxParamLength: 3 });
    expect(short.find('GET', `${ROOT}/greet/anna`, {})).toMatchObject({ store: null });
  });
});

describe('HEAD', () => {
  test('follows from GET', () => {
    expect(variantsFor(tableOf([entry('GET /a/:id')]), 'HEAD /a/1')).toEqual(['GET /a/:id']);
  });

  test('follows from no other method', () => {
    expect(variantsFor(tableOf([entry('POST /a')]), 'HEAD /a')).toEqual([]);
  });

  test("is the module's own where it has one, whatever the order", () => {
    for (const entries of [
      [entry('HEAD /a/:x'), entry('GET /a/:y')],
      [entry('GET /a/:y'), entry('HEAD /a/:x')],
    ]) {
      expect(variantsFor(tableOf(entries), 'HEAD /a/1')).toEqual(['HEAD /a/:x']);
    }
  });

  test('follows for the variants that have none of their own', () => {
    const table = tableOf([
      entry('HEAD /a', { variant: '1' }),
      entry('GET /a', { variant: '1', source: 'one' }),
      entry('GET /a', { variant: '2', source: 'two' }),
    ]);
    expect(variantsFor(table, 'HEAD /a')).toEqual(['HEAD /a', 'two']);
  });
});

describe('the root of a module', () => {
  test.each(['', '/'])('is served with and without its slash, written as "%s"', (path) => {
    const table = tableOf([entry(`GET ${path}`), entry(`POST ${path}`)]);
    for (const asked of ['', '/']) {
      expect(variantsFor(table, `GET ${asked}`)).toEqual([`GET ${path}`]);
      expect(variantsFor(table, `HEAD ${asked}`)).toEqual([`GET ${path}`]);
      expect(variantsFor(table, `POST ${asked}`)).toEqual([`POST ${path}`]);
    }
  });

  test('both of its forms may be routes of their own', () => {
    const table = tableOf([entry('GET '), entry('GET /')]);
    expect(variantsFor(table, 'GET ')).toEqual(['GET ']);
    expect(variantsFor(table, 'GET /')).toEqual(['GET /']);
  });
});

describe('conflicts', () => {
  test.each<[string, RouteEntry, RouteEntry, MatchingOptions]>([
    ['the same path', entry('GET /a'), entry('GET /a', { source: 'other' }), {}],
    ['parameters of other names', entry('GET /a/:x'), entry('GET /a/:y'), {}],
    ['the same variant', entry('GET /a', { variant: 'v1' }), entry('GET /a', { variant: 'v1', source: 'other' }), {}],
    [
      'the same constraints',
      entry('GET /a', { constraints: { host: 'x.test' } }),
      entry('GET /a', { constraints: { host: 'x.test' }, source: 'other' }),
      {},
    ],
    ['an optional parameter left out', entry('GET /a/:x?'), entry('GET /a'), {}],
    ['a slash the host ignores', entry('GET /a'), entry('GET /a/'), { ignoreTrailingSlash: true }],
    ['case the host ignores', entry('GET /a'), entry('GET /A'), { caseSensitive: false }],
  ])('%s', (_, one, other, options) => {
    const error = codeOf(() => tableOf([one, other], options));
    expect(error).toMatchObject({ code: 'ROUTE_CONFLICT', status: 422 });
    expect(String(error)).toContain(one.source);
    expect(String(error)).toContain(other.source);
    expect(error).toMatchObject({ extensions: { sources: [one.source, other.source] } });
  });

  test.each<[string, RouteEntry, RouteEntry]>([
    ['another method', entry('GET /a'), entry('POST /a')],
    ['another path', entry('GET /a'), entry('GET /a/')],
    ['other constraints', entry('GET /a', { constraints: { host: 'x.test' } }), entry('GET /a')],
    ['another variant', entry('GET /a', { variant: 'v1' }), entry('GET /a')],
  ])('none: %s', (_, one, other) => {
    expect(codeOf(() => tableOf([one, other]))).toBeUndefined();
  });
});

describe('variants', () => {
  test('are tried in their order, the one for all requests last', () => {
    const table = tableOf([
      entry('GET /a', { source: 'all' }),
      entry('GET /a', { source: 'one', variant: '1' }),
      entry('GET /a', { source: 'two', variant: '2' }),
    ]);
    expect(variantsFor(table, 'GET /a')).toEqual(['one', 'two', 'all']);
  });
});

describe('constraints', () => {
  const table = tableOf([
    entry('GET /a', { source: 'any' }),
    entry('GET /a', { source: 'host', constraints: { host: 'x.test' } }),
    entry('GET /b', { source: 'v1', constraints: { version: '1.2.0' } }),
  ]);

  test.each<[string, Record<string, string>, string[]]>([
    ['GET /a', { host: 'x.test' }, ['host']],
    ['GET /a', { host: 'y.test' }, ['any']],
    ['GET /b', { host: 'y.test', 'accept-version': '1.x' }, ['v1']],
    ['GET /b', { host: 'y.test', 'accept-version': '2.x' }, []],
    ['GET /b', { host: 'y.test' }, []],
  ])('%s with %j', (request, headers, sources) => {
    expect(variantsFor(table, request, headers)).toEqual(sources);
  });
});

describe('routes that cannot be served', () => {
  test.each<[string, RouteEntry]>([
    ['a path outside the module', { ...entry('GET /a'), path: '/api/v1/m/hello-world/a' }],
    ['a wildcard before the end', entry('GET /a/*/b')],
    ['an optional parameter before the end', entry('GET /a/:b?/c')],
    ['an unsafe expression', entry('GET /a/:b((x+x+)+y)')],
    ['an unknown constraint', entry('GET /a', { constraints: { moon: 'full' } })],
    ['a constraint of the wrong type', entry('GET /a', { constraints: { host: 1 } })],
  ])('%s', (_, wrong) => {
    const error = codeOf(() => tableOf([entry('GET /fine'), wrong]));
    expect(error).toMatchObject({ code: 'ROUTE_INVALID', status: 422 });
    expect(String(error)).toContain(wrong.source);
  });

  test.each<[string, RouteEntry]>([
    ['a keyword of the wrong type', entry('POST /a', { schema: { body: { type: 'nonsense' } } })],
    ['an unknown reference', entry('GET /a', { schema: { querystring: { $ref: 'nowhere#' } } })],
    ['a body where there can be none', entry('GET /a', { schema: { body: { type: 'object' } } })],
    ['a status that is none', entry('GET /a', { schema: { response: { okay: { type: 'object' } } } })],
  ])('schema: %s', (_, wrong) => {
    expect(codeOf(() => tableOf([wrong]))).toMatchObject({ code: 'ROUTE_SCHEMA_INVALID', status: 422 });
  });
});

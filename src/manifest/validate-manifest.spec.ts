import { describe, expect, test } from '@jest/globals';
import { type InputProblem } from '../common/errors/problem.js';
import { type Manifest } from './manifest.js';
import { type ManifestProblemCode } from './problem-catalogue.js';
import { validateManifest } from './validate-manifest.js';

const BASE = {
  name: 'hello-world',
  version: '1.0.0',
  displayName: 'Hello',
  description: 'Says hello',
  author: 'Nestdock',
} satisfies Manifest;

const ROUTE = { method: 'GET', path: '/a', handler: './a.ts' } as const;
const route = (changes: object) => ({ routes: [{ ...ROUTE, ...changes }] });
const job = (changes: object) => ({ jobs: { collect: { handler: './a.ts', ...changes } } });
const field = (settings: object) => ({ settings: { size: settings } });

const brief = ({ code, pointer, hint }: InputProblem): unknown[] => [
  code,
  pointer,
  ...(hint === undefined ? [] : [hint]),
];

/** What the design's own example says, and more. */
const FULL: Manifest = {
  $schema: 'http://127.0.0.1:4000/schemas/manifest.json',
  ...BASE,
  version: '1.0.0-beta.1+build.5',
  license: 'MIT',
  entry: './src/index.ts',
  engines: { nestdock: '>=0.1.0' },
  routes: [
    { ...ROUTE, summary: 'A', description: 'All of a', 'x-internal': true },
    {
      ...ROUTE,
      method: 'POST',
      schema: { body: { type: 'object', example: {} }, querystring: {}, response: { 200: {}, '4xx': true } },
    },
    { ...ROUTE, path: '/' },
    { ...ROUTE, path: '/a/:id' },
    { ...ROUTE, path: '/a/:id/b' },
    { ...ROUTE, path: '/b/:id(^\\d+$)', handler: 'exported' },
    { ...ROUTE, path: '/c/:from-:to' },
    { ...ROUTE, path: '/d/:id?' },
    { ...ROUTE, path: '/files/*' },
    { ...ROUTE, path: '/e/x::y' },
  ],
  jobs: {
    collect: {
      name: 'Collect',
      description: 'Collects',
      handler: './src/jobs/collect.ts#run',
      schedule: '*/15 * * * *',
      timezone: 'Europe/Berlin',
      timeout: 300000,
      retries: 0,
      backoff: { type: 'exponential', delay: 1000 },
      overlap: 'skip',
      misfire: 'catch-up',
      whenDisabled: 'hold',
      config: { batchSize: { type: 'number', label: 'Batch size', default: 5 } },
    },
    'clean-up': { handler: './src/jobs/clean.ts', schedule: null },
    cleanUp: { handler: 'clean' },
  },
  migrations: './src/migrations',
  settings: {
    text: { type: 'string', min: 1, max: 5, pattern: '^[a-z]+$', default: 'abc', required: true, description: 'Text' },
    number: { type: 'number', min: 0, max: 10, default: 10 },
    flag: { type: 'boolean', default: false },
    anything: { type: 'json', default: { a: [1, null] } },
    choice: { type: 'select', options: ['a', { value: 'b', label: 'B' }, 3], default: 'b' },
    secret: { type: 'password', required: true },
  },
  permissions: ['network:outbound', 'environment:API_KEY', 'readings:write'],
  dependencies: { 'demo-meter': '^1.0.0' },
  contributions: { navigation: {}, dashboard: { widgets: [] }, other: 1 },
  ui: { entry: './dist/ui/index.js', sidebar: {}, routes: [] },
  isolation: 'process',
  reload: 'stop-start',
  limits: { requestTimeoutMs: 1, concurrency: 1, queue: 0, bodyBytes: 1, ratePerSecond: 0.5 },
  metadata: { any: 'thing' },
  'x-team': { any: 'thing' },
};

const INVALID: [string, object, [ManifestProblemCode, string, string?][]][] = [
  ['a key that means nothing', { colour: 1 }, [['MANIFEST_UNKNOWN_KEY', '/colour']]],
  ['a mistyped key', { licence: 'MIT' }, [['MANIFEST_UNKNOWN_KEY', '/licence', 'did you mean `license`?']]],
  [
    'a mistyped key that must be there: one cause, one problem',
    { jobs: { a: { handlr: './a.ts' } } },
    [['MANIFEST_UNKNOWN_KEY', '/jobs/a/handlr', 'did you mean `handler`?']],
  ],
  [
    'a mistyped key of a job',
    job({ shedule: null }),
    [['MANIFEST_UNKNOWN_KEY', '/jobs/collect/shedule', 'did you mean `schedule`?']],
  ],
  ['a key that is missing', { routes: [{ method: 'GET', path: '/' }] }, [['MANIFEST_REQUIRED', '/routes/0']]],
  [
    'two that are missing',
    { jobs: { a: { backoff: {} } } },
    [
      ['MANIFEST_REQUIRED', '/jobs/a'],
      ['MANIFEST_REQUIRED', '/jobs/a/backoff'],
    ],
  ],
  [
    'a wrong type',
    { author: 1, routes: {} },
    [
      ['MANIFEST_TYPE', '/author'],
      ['MANIFEST_TYPE', '/routes'],
    ],
  ],
  ['a schedule that is a number', job({ schedule: 5 }), [['MANIFEST_TYPE', '/jobs/collect/schedule']]],
  ['a word to choose', { isolation: 'proces' }, [['MANIFEST_ENUM', '/isolation', 'did you mean `process`?']]],
  [
    'a method in small letters',
    route({ method: 'get' }),
    [['MANIFEST_ENUM', '/routes/0/method', 'did you mean `GET`?']],
  ],
  ['a number too small', { limits: { concurrency: 0 } }, [['MANIFEST_VALUE', '/limits/concurrency']]],
  ['a text too short', { displayName: '' }, [['MANIFEST_VALUE', '/displayName']]],
  ['an item twice', { permissions: ['a:b', 'a:b'] }, [['MANIFEST_DUPLICATE_ITEM', '/permissions']]],
  ['a name in capitals', { name: 'HelloWorld' }, [['MANIFEST_NAME_INVALID', '/name', 'did you mean `hello-world`?']]],
  ['a name too short', { name: 'ab' }, [['MANIFEST_NAME_INVALID', '/name']]],
  ['a name too long', { name: 'a'.repeat(51) }, [['MANIFEST_NAME_INVALID', '/name']]],
  ['an empty name: one cause, one problem', { name: '' }, [['MANIFEST_NAME_INVALID', '/name']]],
  ...['stats', 'scan', 'validate'].map((name): (typeof INVALID)[number] => [
    `the name ${name}`,
    { name },
    [['MANIFEST_NAME_RESERVED', '/name']],
  ]),
  ['a version with v', { version: 'v1.0' }, [['MANIFEST_VERSION_INVALID', '/version', 'did you mean `1.0.0`?']]],
  ['a version that is a word', { version: 'latest' }, [['MANIFEST_VERSION_INVALID', '/version']]],
  ['another host', { engines: { nestdock: '^9.0.0' } }, [['MANIFEST_HOST_INCOMPATIBLE', '/engines/nestdock']]],
  [
    'no range',
    { engines: { nestdock: 'new' } },
    [['MANIFEST_RANGE_INVALID', '/engines/nestdock', 'such as `^1.0.0` or `>=1.2 <3`']],
  ],
  [
    'no range of a dependency',
    { dependencies: { other: '1.x.y.z' } },
    [['MANIFEST_RANGE_INVALID', '/dependencies/other', 'such as `^1.0.0` or `>=1.2 <3`']],
  ],
  [
    'a dependency on no name',
    { dependencies: { Other: '*' } },
    [['MANIFEST_KEY_INVALID', '/dependencies/Other', 'did you mean `other`?']],
  ],
  [
    'a dependency on itself',
    { dependencies: { 'hello-world': '*' } },
    [['MANIFEST_DEPENDENCY_SELF', '/dependencies/hello-world']],
  ],
  [
    'a permission without action',
    { permissions: ['network.outbound'] },
    [['MANIFEST_PERMISSION_INVALID', '/permissions/0', 'did you mean `network:outbound`?']],
  ],
  [
    'a permission for no variable',
    { permissions: ['environment:a.b-c'] },
    [['MANIFEST_PERMISSION_INVALID', '/permissions/0', 'such as `environment:API_KEY`']],
  ],
  ...['ADMIN_TOKEN', 'SECRET_KEY_PREVIOUS', 'DATABASE_URL', 'PGPASSWORD', 'NODE_OPTIONS', 'LD_PRELOAD'].map(
    (variable): (typeof INVALID)[number] => [
      `a permission for the host's ${variable}`,
      { permissions: ['network:outbound', `environment:${variable}`] },
      [['MANIFEST_PERMISSION_WITHHELD', '/permissions/1', 'give the module a setting, or a variable of another name']],
    ],
  ),
  ['a path without slash', route({ path: 'a' }), [['MANIFEST_ROUTE_PATH', '/routes/0/path', 'write `/a`']]],
  ...[
    '/a//b',
    '/a b',
    '/a?x=1',
    '/a?',
    '/a/../b',
    '/./a',
    '/a#b',
    '/*/a',
    '/:',
    '/:a/:a',
    '/:a-b/:a',
    '/a/:id?/b',
    '/:id(',
    '/:id(()',
    '/:id((a+)+)',
    '/\u0000',
  ].map((path): (typeof INVALID)[number] => [
    `the path ${JSON.stringify(path)}`,
    route({ path }),
    [['MANIFEST_ROUTE_PATH', '/routes/0/path']],
  ]),
  ...[
    ['/a', '/a'],
    ['/a', '/a/'],
    ['/a/:id', '/a/:key'],
    ['/a/:id(\\d+)', '/a/:key([a-z]+)'],
    ['/a', '/a/:id?'],
    ['/a/*', '/a/*'],
  ].map(([first, second]): (typeof INVALID)[number] => [
    `${first} and ${second}`,
    {
      routes: [
        { ...ROUTE, path: first },
        { ...ROUTE, path: '/other' },
        { ...ROUTE, path: second },
      ],
    },
    [['MANIFEST_ROUTE_DUPLICATE', '/routes/2/path']],
  ]),
  [
    'a schema of no type',
    route({ schema: { body: { properties: { a: { type: 'strin' } } } } }),
    [['MANIFEST_ROUTE_SCHEMA', '/routes/0/schema/body/properties/a/type']],
  ],
  [
    'a schema that refers to nothing',
    route({ schema: { response: { 200: { $ref: '#/x' } } } }),
    [['MANIFEST_ROUTE_SCHEMA', '/routes/0/schema/response/200']],
  ],
  [
    'a schema with a bad expression',
    route({ schema: { params: { pattern: '(' } } }),
    [['MANIFEST_ROUTE_SCHEMA', '/routes/0/schema/params']],
  ],
  [
    'a schema of an unknown dialect',
    route({ schema: { params: { $schema: 'x:y' } } }),
    [['MANIFEST_ROUTE_SCHEMA', '/routes/0/schema/params']],
  ],
  [
    'no status',
    route({ schema: { response: { ok: {} } } }),
    [['MANIFEST_KEY_INVALID', '/routes/0/schema/response/ok']],
  ],
  [
    'a handler without ./',
    route({ handler: 'src/a.ts#b' }),
    [['MANIFEST_HANDLER_INVALID', '/routes/0/handler', 'did you mean `./src/a.ts#b`?']],
  ],
  ['a handler that is no name', job({ handler: 'a-b' }), [['MANIFEST_HANDLER_INVALID', '/jobs/collect/handler']]],
  [
    'a handler of an entry that is not there',
    job({ handler: 'run' }),
    [['MANIFEST_HANDLER_NEEDS_ENTRY', '/jobs/collect/handler', 'write `./file#export` for a file']],
  ],
  [
    'a job key',
    { jobs: { 'My Job': { handler: './a.ts' } } },
    [['MANIFEST_KEY_INVALID', '/jobs/My Job', 'did you mean `my-job`?']],
  ],
  [
    'a pointer with ~ and /',
    { jobs: { 'a~/b': { handler: './a.ts' } } },
    [['MANIFEST_KEY_INVALID', '/jobs/a~0~1b', 'did you mean `a-b`?']],
  ],
  ['a schedule', job({ schedule: '61 * * * *' }), [['MANIFEST_CRON_INVALID', '/jobs/collect/schedule']]],
  [
    'a time zone',
    job({ timezone: 'Europe/Berln' }),
    [['MANIFEST_TIMEZONE_UNKNOWN', '/jobs/collect/timezone', 'did you mean `Europe/Berlin`?']],
  ],
  ['a select without options', field({ type: 'select', default: 'a' }), [['MANIFEST_FIELD_OPTIONS', '/settings/size']]],
  [
    'a default that is no option',
    field({ type: 'select', options: ['a'], default: 'b' }),
    [['MANIFEST_FIELD_DEFAULT', '/settings/size/default']],
  ],
  [
    'a default of another type',
    field({ type: 'number', default: '5' }),
    [['MANIFEST_FIELD_DEFAULT', '/settings/size/default']],
  ],
  [
    'a default that is null',
    field({ type: 'string', default: null }),
    [['MANIFEST_FIELD_DEFAULT', '/settings/size/default']],
  ],
  [
    'a default too great',
    field({ type: 'number', max: 4, default: 5 }),
    [['MANIFEST_FIELD_DEFAULT', '/settings/size/default']],
  ],
  [
    'a default that does not match',
    field({ type: 'string', pattern: '^a', default: 'b' }),
    [['MANIFEST_FIELD_DEFAULT', '/settings/size/default']],
  ],
  [
    'a default that is matched for ever',
    field({ type: 'string', pattern: '^(a+)+$', default: `${'a'.repeat(60)}!` }),
    [['MANIFEST_FIELD_DEFAULT', '/settings/size/default']],
  ],
  [
    'min above max, where no default can be right',
    field({ type: 'number', min: 5, max: 1, default: 3 }),
    [['MANIFEST_FIELD_CONSTRAINT', '/settings/size/min']],
  ],
  [
    'a constraint of another type',
    field({ type: 'boolean', min: 5 }),
    [['MANIFEST_FIELD_CONSTRAINT', '/settings/size/min']],
  ],
  [
    'options of a string',
    field({ type: 'string', options: ['a'] }),
    [['MANIFEST_FIELD_CONSTRAINT', '/settings/size/options', 'options make a field of type `select`']],
  ],
  [
    'a pattern',
    field({ type: 'string', pattern: '(', default: 'a' }),
    [['MANIFEST_FIELD_PATTERN', '/settings/size/pattern']],
  ],
  [
    'a field of a job',
    job({ config: { a: { type: 'number', default: true } } }),
    [['MANIFEST_FIELD_DEFAULT', '/jobs/collect/config/a/default']],
  ],
  ['a field of no type', field({ type: 'text', default: 1 }), [['MANIFEST_ENUM', '/settings/size/type']]],
  ['a field key', { settings: { 'a b': { type: 'json' } } }, [['MANIFEST_KEY_INVALID', '/settings/a b']]],
  [
    'an option of no value',
    field({ type: 'select', options: [{ label: 'A' }], default: 'a' }),
    [['MANIFEST_REQUIRED', '/settings/size/options/0']],
  ],
  [
    'an entry without ./',
    { entry: 'src/index.ts' },
    [['MANIFEST_PATH_INVALID', '/entry', 'did you mean `./src/index.ts`?']],
  ],
  [
    'an entry that is absolute',
    { entry: '/etc/passwd' },
    [['MANIFEST_PATH_OUTSIDE', '/entry', 'write it relative to the folder, beginning with `./`']],
  ],
  ['an entry that climbs', { entry: '../index.ts' }, [['MANIFEST_PATH_OUTSIDE', '/entry']]],
  [
    'a handler that climbs on its way',
    job({ handler: './a/../../hello-world/a.ts#b' }),
    [['MANIFEST_PATH_OUTSIDE', '/jobs/collect/handler']],
  ],
  [
    'an absolute handler',
    route({ handler: '/etc/passwd#x' }),
    [['MANIFEST_PATH_OUTSIDE', '/routes/0/handler', 'write it relative to the folder, beginning with `./`']],
  ],
  ['migrations elsewhere', { migrations: './..' }, [['MANIFEST_PATH_OUTSIDE', '/migrations']]],
  ['a page elsewhere', { ui: { entry: '../x.js' } }, [['MANIFEST_PATH_OUTSIDE', '/ui/entry']]],
];

describe('validateManifest', () => {
  test('a manifest with everything is valid, and comes back as it is', async () => {
    const reading = await validateManifest(structuredClone(FULL));
    expect(reading).toEqual({ manifest: FULL, raw: FULL, name: 'hello-world', problems: [] });
  });

  test('the least manifest is valid', async () => {
    expect((await validateManifest(JSON.stringify(BASE))).manifest).toEqual(BASE);
  });

  test.each(INVALID)('%s', async (_case, changes, expected) => {
    const reading = await validateManifest({ ...BASE, ...changes });
    expect(reading.problems.map(brief)).toEqual(expected);
    expect(reading.manifest).toBeUndefined();
    for (const { message } of reading.problems) expect(message.length).toBeLessThan(300);
  });

  test.each([null, [], 7, true, '"text"', '[]', 'null'])('%j is no manifest', async (value) => {
    const { problems, manifest } = await validateManifest(value);
    expect([problems.map(brief), manifest]).toEqual([[['MANIFEST_TYPE', '']], undefined]);
  });

  test('checks what a schema cannot say also where the schema has failed elsewhere', async () => {
    const { problems } = await validateManifest({
      ...BASE,
      author: 7,
      ...route({ method: 'FETCH' }),
      ...job({ retries: -1, schedule: 'never', handler: '../x.ts' }),
      ...field({ type: 'number', label: '', default: 'x' }),
      name: 'scan',
    });
    expect(new Set(problems.map(({ code }) => code))).toEqual(
      new Set([
        'MANIFEST_TYPE',
        'MANIFEST_ENUM',
        'MANIFEST_VALUE',
        'MANIFEST_CRON_INVALID',
        'MANIFEST_PATH_OUTSIDE',
        'MANIFEST_FIELD_DEFAULT',
        'MANIFEST_NAME_RESERVED',
      ]),
    );
  });

  test('a duplicate route names the other', async () => {
    const { problems } = await validateManifest({
      ...BASE,
      routes: [ROUTE, { ...ROUTE, path: '/b/:id' }, { ...ROUTE, path: '/b/:key' }],
    });
    expect(problems[0]?.message).toBe('`routes[2]`: `GET /b/:key` answers the same as `routes[1]`, `GET /b/:id`');
  });

  test('the same path with other methods is no duplicate', async () => {
    expect((await validateManifest({ ...BASE, routes: [ROUTE, { ...ROUTE, method: 'POST' }] })).problems).toEqual([]);
  });

  test('the default of a password is not shown', async () => {
    const { problems } = await validateManifest({
      ...BASE,
      ...field({ type: 'password', min: 20, default: 'hunter2' }),
    });
    expect(problems.map(brief)).toEqual([['MANIFEST_FIELD_DEFAULT', '/settings/size/default']]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('schemas of two routes may have the same $id', async () => {
    const schema = { body: { $id: 'thing', type: 'object' } };
    const routes = [
      { ...ROUTE, schema },
      { ...ROUTE, path: '/b', schema },
    ];
    expect((await validateManifest({ ...BASE, routes })).problems).toEqual([]);
  });

  test.each(['0.1.0', '1.5.0-rc.1'])('host %s is held against engines.nestdock', async (hostVersion) => {
    const codes = async (nestdock: string) =>
      (await validateManifest({ ...BASE, engines: { nestdock } }, { hostVersion })).problems.map(({ code }) => code);
    expect(await codes('>=0.1.0')).toEqual([]);
    expect(await codes('>=2')).toEqual(['MANIFEST_HOST_INCOMPATIBLE']);
  });

  test('the name is known where it is valid, whatever else is wrong', async () => {
    expect((await validateManifest({ name: 'hello', routes: 7 })).name).toBe('hello');
    expect((await validateManifest('{ "name": "hello", "version": ')).name).toBe('hello');
    expect((await validateManifest({ name: 'Hello' })).name).toBeUndefined();
    expect((await validateManifest({ name: 'stats' })).name).toBeUndefined();
  });

  test('a value that nests without end is a problem', async () => {
    let nested: unknown = {};
    for (let depth = 0; depth < 200_000; depth++) nested = { a: nested };
    const { problems, raw } = await validateManifest({ ...BASE, metadata: nested });
    expect([problems.map(brief), raw]).toEqual([[['MANIFEST_TOO_DEEP', undefined]], undefined]);
  });

  test('__proto__ in a value is a problem, and changes no prototype', async () => {
    const { problems, raw } = await validateManifest(
      JSON.parse(`{"__proto__": {"polluted": 1}, "metadata": {"__proto__": {}}}`),
    );
    const forbidden = problems.filter(({ code }) => code === 'MANIFEST_FORBIDDEN_KEY');
    expect(forbidden.map(({ pointer }) => pointer)).toEqual(['/__proto__', '/metadata/__proto__']);
    expect(raw).not.toHaveProperty('polluted');
  });

  test('thousands of patterns that backtrack for ever are given up after a few', async () => {
    const slow = { type: 'string', pattern: '^(a+)+$', default: `${'a'.repeat(60)}!` };
    const settings = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`s${index}`, slow]));
    expect((await validateManifest({ ...BASE, settings })).problems).toHaveLength(3);
  });

  test('more routes than a module may have are one problem', async () => {
    const routes = Array.from({ length: 1001 }, () => ROUTE);
    expect((await validateManifest({ ...BASE, routes })).problems.map(brief)).toEqual([['MANIFEST_VALUE', '/routes']]);
  });

  test('of very many problems the first hundred are listed', async () => {
    const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
    const { problems } = await validateManifest(JSON.stringify({ ...BASE, ...keys }));
    expect(problems).toHaveLength(101);
    expect(problems[0]).toMatchObject({ code: 'MANIFEST_UNKNOWN_KEY', pointer: '/k0' });
    expect(problems.at(-1)).toEqual({ code: 'MANIFEST_MORE_PROBLEMS', message: 'there are 19900 more problems' });
  });
});

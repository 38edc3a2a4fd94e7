import {
  JOB_BACKOFFS,
  JOB_MISFIRES,
  JOB_OVERLAPS,
  JOB_WHEN_DISABLED,
  MANIFEST_FIELD_TYPES,
  MANIFEST_METHODS,
  MODULE_ISOLATIONS,
  MODULE_RELOADS,
} from './manifest.js';
import {
  EXTENSION_PATTERN,
  FIELD_KEY_PATTERN,
  HANDLER_PATTERN,
  JOB_KEY_PATTERN,
  NAME_PATTERN,
  PATH_PATTERN,
  PERMISSION_PATTERN,
  RESPONSE_STATUS_PATTERN,
  ROUTE_PATH_PATTERN,
  VERSION_PATTERN,
} from './patterns.js';

/** Longest delay that a Node timer keeps, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

const OPEN_OBJECT = { type: 'object', additionalProperties: true } as const;
const EXTENSIONS = { [EXTENSION_PATTERN]: { description: "The author's own; the host never reads it." } } as const;

const FIELD = {
  type: 'object',
  description: 'One value that operators can set.',
  examples: [{ type: 'number', label: 'Retention (days)', default: 365, min: 1 }],
  properties: {
    type: {
      type: 'string',
      enum: MANIFEST_FIELD_TYPES,
      description: 'Kind of value. A `password` is encrypted at rest and never returned.',
      examples: ['number'],
    },
    label: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'Shown beside the field.',
      examples: ['Batch size'],
    },
    description: {
      type: 'string',
      maxLength: 2000,
      description: 'Shown below the field.',
      examples: ['Readings per request'],
    },
    default: { description: 'Value where nobody has set one; must fit the field.', examples: [5] },
    required: { type: 'boolean', description: 'Whether the module cannot do without a value.', examples: [false] },
    options: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      uniqueItems: true,
      description: 'Values to choose from; for `select` only, which needs them.',
      examples: [['hour', 'day'], [{ value: 'hour', label: 'Every hour' }]],
      items: {
        type: ['string', 'number', 'object'],
        description: 'A value, or a value with its label.',
        examples: ['hour', { value: 'hour', label: 'Every hour' }],
        properties: {
          value: { type: ['string', 'number'], description: 'What is stored.', examples: ['hour'] },
          label: { type: 'string', minLength: 1, description: 'What is shown.', examples: ['Every hour'] },
        },
        required: ['value'],
        additionalProperties: false,
      },
    },
    min: { type: 'number', description: 'Least number, or least length of a `string` or `password`.', examples: [1] },
    max: {
      type: 'number',
      description: 'Greatest number, or greatest length of a `string` or `password`.',
      examples: [100],
    },
    pattern: {
      type: 'string',
      minLength: 1,
      maxLength: 1000,
      description: 'JavaScript regular expression (flag `u`) for a `string` or `password`.',
      examples: ['^[a-z]+$'],
    },
  },
  required: ['type'],
  patternProperties: EXTENSIONS,
  additionalProperties: false,
} as const;

const FIELDS = {
  type: 'object',
  maxProperties: 500,
  propertyNames: { pattern: FIELD_KEY_PATTERN },
  additionalProperties: FIELD,
} as const;

const ROUTE_PART = { type: ['object', 'boolean'], additionalProperties: true, examples: [{ type: 'object' }] } as const;

const ROUTE = {
  type: 'object',
  description: 'One route, and the function that answers it.',
  examples: [{ method: 'GET', path: '/readings', handler: './src/routes/readings.ts#list' }],
  properties: {
    method: {
      type: 'string',
      enum: MANIFEST_METHODS,
      description: 'HTTP method. HEAD follows from GET.',
      examples: ['GET'],
    },
    path: {
      type: 'string',
      maxLength: 500,
      pattern: ROUTE_PATH_PATTERN,
      description: 'Path below `/api/v1/m/{name}`, with `:parameters` and a `*` at the end at most.',
      examples: ['/readings/:meterId', '/'],
    },
    handler: {
      type: 'string',
      maxLength: 500,
      pattern: HANDLER_PATTERN,
      description:
        '`(request, reply, context) => unknown`: `./file#export`, `./file` (its default export), or `export` of the entry.',
      examples: ['./src/routes/readings.ts#list'],
    },
    summary: {
      type: 'string',
      maxLength: 200,
      description: 'Shown in the API documentation.',
      examples: ['Latest readings'],
    },
    description: {
      type: 'string',
      maxLength: 5000,
      description: 'Shown in the API documentation.',
      examples: ['Newest first.'],
    },
    schema: {
      type: 'object',
      description: 'JSON Schemas of what comes in and goes out.',
      examples: [{ querystring: { type: 'object', properties: { limit: { type: 'integer' } } } }],
      properties: {
        body: { ...ROUTE_PART, description: 'The request body.' },
        querystring: { ...ROUTE_PART, description: 'The query.' },
        params: { ...ROUTE_PART, description: "The path's parameters." },
        headers: { ...ROUTE_PART, description: 'The request headers.' },
        response: {
          type: 'object',
          description: 'The answer, by status: `200`, `2xx` or `default`.',
          examples: [{ 200: { type: 'array' } }],
          propertyNames: { pattern: RESPONSE_STATUS_PATTERN },
          additionalProperties: { ...ROUTE_PART, description: 'The answer with this status.' },
        },
      },
      additionalProperties: false,
    },
  },
  required: ['method', 'path', 'handler'],
  patternProperties: EXTENSIONS,
  additionalProperties: false,
} as const;

const JOB = {
  type: 'object',
  description: 'One job: what it runs, and when.',
  examples: [{ handler: './src/jobs/collect.ts', schedule: '*/15 * * * *' }],
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'Shown to operators.',
      examples: ['Collect readings'],
    },
    description: {
      type: 'string',
      maxLength: 2000,
      description: 'Shown to operators.',
      examples: ['Asks every meter.'],
    },
    handler: {
      type: 'string',
      maxLength: 500,
      pattern: HANDLER_PATTERN,
      description: '`(context) => unknown`: `./file#export`, `./file` (its default export), or `export` of the entry.',
      examples: ['./src/jobs/collect.ts'],
    },
    schedule: {
      type: ['string', 'null'],
      minLength: 1,
      maxLength: 200,
      description: 'Cron expression of five fields, or six with seconds first. Missing or null: runs only when asked.',
      examples: ['*/15 * * * *', '0 30 2 * * *', null],
    },
    timezone: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'IANA time zone of the schedule; `UTC` where missing.',
      examples: ['UTC', 'Europe/Berlin'],
    },
    timeout: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_TIMER_MS,
      description: 'Milliseconds that one attempt may take; 300000 where missing.',
      examples: [300000],
    },
    retries: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      description: 'Attempts after the first; 3 where missing.',
      examples: [3],
    },
    backoff: {
      type: 'object',
      description: 'How long a retry waits.',
      examples: [{ type: 'exponential', delay: 1000 }],
      properties: {
        type: { type: 'string', enum: JOB_BACKOFFS, description: 'Whether the wait grows.', examples: ['exponential'] },
        delay: {
          type: 'integer',
          minimum: 0,
          maximum: MAX_TIMER_MS,
          description: 'Milliseconds before the first retry.',
          examples: [1000],
        },
        jitter: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          description:
            'Share of the wait that is left to chance; 0.25 where missing, or 0 of a wait that does not grow.',
          examples: [0.25],
        },
      },
      required: ['type'],
      additionalProperties: false,
    },
    overlap: {
      type: 'string',
      enum: JOB_OVERLAPS,
      description: 'What a tick does while an earlier run is still going.',
      examples: ['skip'],
    },
    misfire: {
      type: 'string',
      enum: JOB_MISFIRES,
      description: 'What becomes of ticks that no host was there for.',
      examples: ['run-once'],
    },
    whenDisabled: {
      type: 'string',
      enum: JOB_WHEN_DISABLED,
      description: 'What becomes of queued runs once the module is disabled; `skip` where missing.',
      examples: ['hold'],
    },
    config: {
      ...FIELDS,
      description: 'Values that the handler gets as `context.job.config`.',
      examples: [{ batchSize: { type: 'number', label: 'Batch size', default: 5 } }],
    },
  },
  required: ['handler'],
  patternProperties: EXTENSIONS,
  additionalProperties: false,
} as const;

const LIMITS = {
  type: 'object',
  description: "Limits of this module; never above the host's own.",
  examples: [{ concurrency: 20, requestTimeoutMs: 5000 }],
  properties: {
    requestTimeoutMs: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_TIMER_MS,
      description: 'Milliseconds that a request may take.',
      examples: [5000],
    },
    concurrency: { type: 'integer', minimum: 1, description: 'Requests handled at the same time.', examples: [20] },
    queue: { type: 'integer', minimum: 0, description: 'Requests that wait beyond those.', examples: [100] },
    bodyBytes: { type: 'integer', minimum: 1, description: 'Greatest request body, in bytes.', examples: [1048576] },
    ratePerSecond: { type: 'number', exclusiveMinimum: 0, description: 'Requests a second.', examples: [50] },
    memoryMb: {
      type: 'integer',
      minimum: 128,
      description: 'Memory that a process of its own may take, in megabytes.',
      examples: [256],
    },
  },
  additionalProperties: false,
} as const;

const CONTRIBUTIONS = {
  type: 'object',
  description: "What the module adds to the host's own pages.",
  examples: [{ navigation: { label: 'Consumption' }, dashboard: { widgets: [] } }],
  properties: {
    navigation: { ...OPEN_OBJECT, description: 'Entry of the navigation.', examples: [{ label: 'Consumption' }] },
    dashboard: {
      type: 'object',
      description: 'What the dashboard shows.',
      examples: [{ widgets: [] }],
      properties: {
        widgets: {
          type: 'array',
          maxItems: 200,
          description: 'Widgets of the dashboard.',
          examples: [[{ title: 'Today', path: '/readings' }]],
          items: { ...OPEN_OBJECT, description: 'One widget.', examples: [{ title: 'Today', path: '/readings' }] },
        },
      },
      additionalProperties: true,
    },
  },
  additionalProperties: true,
} as const;

const UI = {
  type: 'object',
  description: 'Pages of the module.',
  examples: [{ entry: './dist/ui/index.js', sidebar: { label: 'Consumption' }, routes: [] }],
  properties: {
    entry: {
      type: 'string',
      maxLength: 500,
      pattern: PATH_PATTERN,
      description: "Built ES module, relative to the module's folder.",
      examples: ['./dist/ui/index.js'],
    },
    sidebar: {
      ...OPEN_OBJECT,
      description: 'Entry of the sidebar.',
      examples: [{ label: 'Consumption', icon: 'bolt' }],
    },
    routes: {
      type: 'array',
      maxItems: 200,
      description: 'Pages.',
      examples: [[{ path: '/readings', title: 'Readings' }]],
      items: { ...OPEN_OBJECT, description: 'One page.', examples: [{ path: '/readings', title: 'Readings' }] },
    },
  },
  patternProperties: EXTENSIONS,
  additionalProperties: false,
} as const;

/**
 * The JSON Schema (draft-07) of `manifest.json`, as the host publishes it. What a schema cannot say
 * (cron, duplicate routes, files, …) `validateManifest` checks after it.
 */
export const MANIFEST_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:nestdock:schemas:manifest',
  title: 'Nestdock module manifest',
  description: 'What a module says of itself in its manifest.json.',
  type: 'object',
  properties: {
    $schema: {
      type: 'string',
      description: 'Address of this schema, so that editors help.',
      examples: ['http://127.0.0.1:4000/schemas/manifest.json'],
    },
    name: {
      type: 'string',
      minLength: 3,
      maxLength: 50,
      pattern: NAME_PATTERN,
      description: 'Identifies the module; kebab-case, 3 to 50 characters.',
      examples: ['consumption-monitor'],
    },
    version: {
      type: 'string',
      maxLength: 256,
      pattern: VERSION_PATTERN,
      description: 'Semantic version.',
      examples: ['1.0.0'],
    },
    displayName: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'Shown to people.',
      examples: ['Consumption Monitor'],
    },
    description: {
      type: 'string',
      maxLength: 2000,
      description: 'What the module does.',
      examples: ['Collects meter readings'],
    },
    author: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'Who made the module.',
      examples: ['Nestdock'],
    },
    license: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'SPDX expression of the license.',
      examples: ['MIT'],
    },
    entry: {
      type: 'string',
      maxLength: 500,
      pattern: PATH_PATTERN,
      description: 'File whose default export is a Nest module class or a Fastify plugin.',
      examples: ['./src/index.ts'],
    },
    engines: {
      type: 'object',
      description: 'What the module needs of the host.',
      examples: [{ nestdock: '^0.1.0' }],
      properties: {
        nestdock: {
          type: 'string',
          minLength: 1,
          maxLength: 256,
          description: 'Semver range of host versions.',
          examples: ['^0.1.0'],
        },
      },
      additionalProperties: false,
    },
    routes: {
      type: 'array',
      maxItems: 1000,
      items: ROUTE,
      description: 'Routes that functions of the module answer.',
      examples: [[{ method: 'GET', path: '/readings', handler: './src/routes/readings.ts#list' }]],
    },
    jobs: {
      type: 'object',
      maxProperties: 1000,
      propertyNames: { pattern: JOB_KEY_PATTERN },
      additionalProperties: JOB,
      description: 'Jobs by key, which is kebab-case or camelCase.',
      examples: [{ collect: { handler: './src/jobs/collect.ts', schedule: '*/15 * * * *' } }],
    },
    migrations: {
      type: 'string',
      maxLength: 500,
      pattern: PATH_PATTERN,
      description:
        "Folder of the module's migrations: `NNN_name.sql`, `NNN_name.down.sql`, and TypeORM migration classes.",
      examples: ['./src/migrations'],
    },
    settings: {
      ...FIELDS,
      description: 'Values that operators set for the module.',
      examples: [{ retentionDays: { type: 'number', label: 'Retention (days)', default: 365 } }],
    },
    permissions: {
      type: 'array',
      maxItems: 100,
      uniqueItems: true,
      description: "What the module asks for: the host's permissions, and scopes of its own.",
      examples: [['network:outbound', 'environment:HOME']],
      items: {
        type: 'string',
        maxLength: 200,
        pattern: PERMISSION_PATTERN,
        description: '`area:action`',
        examples: ['network:outbound', 'readings:write'],
      },
    },
    dependencies: {
      type: 'object',
      maxProperties: 200,
      propertyNames: { minLength: 3, maxLength: 50, pattern: NAME_PATTERN },
      description: 'Modules that must be enabled for this one.',
      examples: [{ 'demo-meter': '^1.0.0' }],
      additionalProperties: {
        type: 'string',
        minLength: 1,
        maxLength: 256,
        description: 'Semver range.',
        examples: ['^1.0.0'],
      },
    },
    contributions: CONTRIBUTIONS,
    ui: UI,
    isolation: {
      type: 'string',
      enum: MODULE_ISOLATIONS,
      description: "Whether the module runs in the host's process or in one of its own; `inline` where missing.",
      examples: ['inline'],
    },
    reload: {
      type: 'string',
      enum: MODULE_RELOADS,
      description: '`stop-start` where the old and the new code must never meet; `swap` where missing.',
      examples: ['swap'],
    },
    limits: LIMITS,
    metadata: {
      ...OPEN_OBJECT,
      description: "The author's own; the host never reads it.",
      examples: [{ team: 'energy' }],
    },
  },
  required: ['name', 'version', 'displayName', 'description', 'author'],
  patternProperties: EXTENSIONS,
  additionalProperties: false,
} as const;

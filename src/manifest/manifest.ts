/** Methods that a route of the manifest may answer. HEAD follows from GET. */
export const MANIFEST_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type ManifestMethod = (typeof MANIFEST_METHODS)[number];

export const MANIFEST_FIELD_TYPES = ['string', 'number', 'boolean', 'json', 'select', 'password'] as const;
export type ManifestFieldType = (typeof MANIFEST_FIELD_TYPES)[number];

/** What a tick does while an earlier run of the job is still going. */
export const JOB_OVERLAPS = ['skip', 'queue', 'allow'] as const;
export type JobOverlap = (typeof JOB_OVERLAPS)[number];

/** What becomes of ticks that no host was there for. */
export const JOB_MISFIRES = ['skip', 'run-once', 'catch-up'] as const;
export type JobMisfire = (typeof JOB_MISFIRES)[number];

/** What becomes of queued runs once the module is disabled. */
export const JOB_WHEN_DISABLED = ['skip', 'hold'] as const;
export type JobWhenDisabled = (typeof JOB_WHEN_DISABLED)[number];

export const JOB_BACKOFFS = ['fixed', 'exponential'] as const;
export type JobBackoffType = (typeof JOB_BACKOFFS)[number];

export const MODULE_ISOLATIONS = ['inline', 'process'] as const;
export type ModuleIsolation = (typeof MODULE_ISOLATIONS)[number];

export const MODULE_RELOADS = ['swap', 'stop-start'] as const;
export type ModuleReload = (typeof MODULE_RELOADS)[number];

/** Keys for the author's own use: the host never reads them. */
export interface ManifestExtensions {
  readonly [extension: `x-${string}`]: unknown;
}

export type ManifestOptionValue = string | number;
export interface ManifestLabelledOption {
  readonly value: ManifestOptionValue;
  readonly label?: string;
}

/** One setting of the module, or one value of a job's config. */
export interface ManifestField extends ManifestExtensions {
  /** `password` is secret: encrypted at rest, never returned. */
  readonly type: ManifestFieldType;
  readonly label?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly required?: boolean;
  /** The values to choose from; `select` only, and always there. */
  readonly options?: readonly (ManifestOptionValue | ManifestLabelledOption)[];
  /** Least value of a `number`; least length of a `string` or `password`. */
  readonly min?: number;
  /** Greatest value of a `number`; greatest length of a `string` or `password`. */
  readonly max?: number;
  /** JavaScript regular expression (flag `u`) that a `string` or `password` must match somewhere. */
  readonly pattern?: string;
}

export type ManifestFields = Readonly<Record<string, ManifestField>>;

/** A JSON Schema (draft-07). */
export type ManifestJsonSchema = boolean | Readonly<Record<string, unknown>>;

export interface ManifestRouteSchema {
  readonly body?: ManifestJsonSchema;
  readonly querystring?: ManifestJsonSchema;
  readonly params?: ManifestJsonSchema;
  readonly headers?: ManifestJsonSchema;
  /** By status: `200`, `2xx` or `default`. */
  readonly response?: Readonly<Record<string, ManifestJsonSchema>>;
}

export interface ManifestRoute extends ManifestExtensions {
  readonly method: ManifestMethod;
  /** Below `/api/v1/m/{name}`, in find-my-way syntax: `/readings/:meterId`. */
  readonly path: string;
  /** See `parseHandlerReference`. */
  readonly handler: string;
  readonly summary?: string;
  readonly description?: string;
  readonly schema?: ManifestRouteSchema;
}

export interface ManifestBackoff {
  readonly type: JobBackoffType;
  /** Milliseconds before the first retry. */
  readonly delay?: number;
  /** Share of the wait that is left to chance, 0 to 1; a quarter of an exponential one where missing, none of a fixed one. */
  readonly jitter?: number;
}

export interface ManifestJob extends ManifestExtensions {
  readonly name?: string;
  readonly description?: string;
  /** See `parseHandlerReference`. */
  readonly handler: string;
  /** Cron expression of five fields, or six with seconds first. Missing or null: the job runs only when asked. */
  readonly schedule?: string | null;
  /** IANA time zone of the schedule; UTC where missing. */
  readonly timezone?: string;
  /** Milliseconds that one attempt may take; 300000 where missing. */
  readonly timeout?: number;
  /** Attempts after the first; 3 where missing. */
  readonly retries?: number;
  readonly backoff?: ManifestBackoff;
  readonly overlap?: JobOverlap;
  readonly misfire?: JobMisfire;
  /** `skip` where missing. */
  readonly whenDisabled?: JobWhenDisabled;
  readonly config?: ManifestFields;
}

/** Never above the host's own limits. */
export interface ManifestLimits {
  readonly requestTimeoutMs?: number;
  /** Requests that are handled at the same time. */
  readonly concurrency?: number;
  /** Requests that wait beyond those. */
  readonly queue?: number;
  readonly bodyBytes?: number;
  readonly ratePerSecond?: number;
  /** What its process may take, where it has one of its own: resident, in megabytes of 2^20 bytes. */
  readonly memoryMb?: number;
}

export interface ManifestWidget {
  readonly [key: string]: unknown;
}

export interface ManifestContributions {
  readonly [point: string]: unknown;
  readonly navigation?: Readonly<Record<string, unknown>>;
  readonly dashboard?: {
    readonly [key: string]: unknown;
    readonly widgets?: readonly ManifestWidget[];
  };
}

export interface ManifestUi extends ManifestExtensions {
  /** Built ES module, relative to the module's folder. */
  readonly entry?: string;
  readonly sidebar?: Readonly<Record<string, unknown>>;
  readonly routes?: readonly Readonly<Record<string, unknown>>[];
}

/** What a module says of itself in its `manifest.json`. `MANIFEST_SCHEMA` describes the same shape; a spec holds them equal. */
export interface Manifest extends ManifestExtensions {
  /** Address of the JSON Schema, for editors. */
  readonly $schema?: string;
  /** Kebab-case, 3 to 50 characters. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly displayName: string;
  readonly description: string;
  readonly author: string;
  readonly license?: string;
  /** File whose default export is a Nest module class or a Fastify plugin. */
  readonly entry?: string;
  readonly engines?: {
    /** Semver range of host versions. */
    readonly nestdock?: string;
  };
  readonly routes?: readonly ManifestRoute[];
  /** By key, which is kebab-case or camelCase. */
  readonly jobs?: Readonly<Record<string, ManifestJob>>;
  /** Folder of the module's migrations: SQL files and TypeORM migration classes. */
  readonly migrations?: string;
  readonly settings?: ManifestFields;
  /** Such as `network:outbound` or `environment:HOME`. */
  readonly permissions?: readonly string[];
  /** Semver ranges by module name. */
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly contributions?: ManifestContributions;
  readonly ui?: ManifestUi;
  /** `inline` where missing. */
  readonly isolation?: ModuleIsolation;
  /** `stop-start` where the old and the new generation must never meet; `swap` where missing. */
  readonly reload?: ModuleReload;
  readonly limits?: ManifestLimits;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

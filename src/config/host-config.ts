/** The host's configuration, read from the environment once, at start. */
export interface HostConfig {
  readonly port: number;
  readonly host: string;
  /** PostgreSQL to connect to; undefined for the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path. */
  readonly modulesDir: string;
  /** Absolute paths of the folders that modules may be registered from. */
  readonly moduleRoots: readonly string[];
  /** undefined: made at first start and kept in `dataDir`. */
  readonly adminToken: string | undefined;
  /** undefined: made at first start and kept in `dataDir`. */
  readonly secretKey: string | undefined;
  /** Keys that open what they have sealed, and seal nothing any more. */
  readonly previousSecretKeys: readonly string[];
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly loadTimeoutMs: number;
  /** Milliseconds that the migrations of one load may take, apart from `loadTimeoutMs`. */
  readonly migrationTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly hostTtlMs: number;
  /** Megabytes of memory that the process of a module may take. */
  readonly processMemoryMb: number;
  /** Milliseconds after which the event loop counts as blocked, and whoever blocks it is named. */
  readonly blockedLoopMs: number;
  /** Milliseconds without a sign of life after which the process of a module is ended. */
  readonly processStuckMs: number;
  /** How much of a kind a module may do within the window before it is taken out; 0: of that kind, whatever it wants. */
  readonly quarantine: {
    readonly windowMs: number;
    readonly crashes: number;
    readonly timeouts: number;
    /** Of its answers. */
    readonly errorPercent: number;
  };
  /** How a release is tried that does not come to serve all at once, where a call does not say. */
  readonly rollout: {
    readonly windowMs: number;
    /** Of its answers. */
    readonly errorPercent: number;
    /** Name of the header that tells users apart, in lower case. */
    readonly userHeader: string | undefined;
  };
  /** How long runs are kept: for so many days, and so many of each job. */
  readonly runRetention: { readonly days: number; readonly runsPerJob: number };
  /** Origins that browsers may call from; empty for none. */
  readonly corsOrigins: readonly string[];
  /** `NODE_ENV`, or `development`. */
  readonly environment: string;
}

/** Injection token of the {@link HostConfig}. */
export const HOST_CONFIG = Symbol('HostConfig');

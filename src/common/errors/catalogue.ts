/** What every occurrence of a code has in common. */
export interface ErrorDefinition {
  /** HTTP status that the admin API answers with. */
  readonly status: number;
  /** What is wrong, the same for each occurrence. */
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * Every code that Nestdock reports, in one place. Codes are stable: clients and
 * `docs/errors.md` rely on them.
 */
export const ERROR_CATALOGUE = {
  // Requests
  UNAUTHORIZED: {
    status: 401,
    title: 'The admin token is missing or wrong',
    remedy: 'Send `Authorization: Bearer <token>` with the value of ADMIN_TOKEN or of DATA_DIR/admin-token.',
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct the fields that `problems` names.',
  },
  BODY_MALFORMED: {
    status: 400,
    title: 'The body cannot be read',
    remedy: 'Send well-formed JSON whose length agrees with Content-Length.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send less; `detail` names the limit where it is known.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The media type of the body is not supported',
    remedy: 'Send `Content-Type: application/json`.',
  },
  REQUEST_TIMEOUT: {
    status: 504,
    title: 'The module did not answer in time',
    remedy:
      'Try again, unless the request changes something: what the module had begun may go on. For good, make the handler faster, or raise `limits.requestTimeoutMs` and REQUEST_TIMEOUT_MS.',
  },
  MODULE_BUSY: {
    status: 503,
    title: 'The module has as many requests in hand as it may',
    remedy:
      'Try again after the time in `Retry-After`; `limits.concurrency` and `limits.queue` of its manifest say how many.',
  },
  MODULE_CRASHED: {
    status: 502,
    title: 'The process of the module ended',
    remedy:
      'Try again, unless the request changes something: what the module had begun may be half done. `error` of the module and the log say why it ended; it is started again by itself.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'The module gets more requests a second than it may',
    remedy: 'Try again after the time in `Retry-After`; `limits.ratePerSecond` of its manifest says how many.',
  },
  PURGE_UNCONFIRMED: {
    status: 400,
    title: "The purge of a module's data is not confirmed",
    remedy:
      "Send the module's name once more as `confirm`, or leave `purge` out to forget the module and keep its data.",
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'No route answers here',
    remedy: 'See /docs for the routes that are live now.',
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'The host failed to answer',
    remedy: 'Look for the request id in the log of the host.',
  },
  HOST_STOPPING: {
    status: 503,
    title: 'The host is stopping',
    remedy: 'Try again at another host, or once this one is back.',
  },
  HOST_NOT_READY: {
    status: 503,
    title: 'The host is not ready',
    remedy: 'Try again soon: it is still starting, or its database does not answer.',
  },

  // Configuration and start
  CONFIG_INVALID: {
    status: 500,
    title: 'The configuration is not valid',
    remedy: 'Correct the environment variables that `problems` names.',
  },
  SECRET_FILE_INVALID: {
    status: 500,
    title: 'A file that keeps a secret cannot be used',
    remedy: 'Restore the file that `detail` names, or remove it to have a new secret made at the next start.',
  },
  SECRET_UNREADABLE: {
    status: 500,
    title: 'A secret in the database cannot be read',
    remedy: 'Start the host with the SECRET_KEY that the secret was saved with, or set the secret anew.',
  },
  SECRET_KEY_MISMATCH: {
    status: 500,
    title: 'The secrets of the database belong to another SECRET_KEY',
    remedy:
      'Start the host with the SECRET_KEY that the other hosts have, or had before. To change the key, name the old one in SECRET_KEY_PREVIOUS.',
  },
  START_FAILED: {
    status: 500,
    title: 'The host could not start',
    remedy: 'See what it failed with.',
  },
  DATA_DIR_LOCKED: {
    status: 500,
    title: 'Another host holds the data folder',
    remedy: 'Stop that host, or give this one a DATA_DIR of its own.',
  },
  DATA_DIR_UNUSABLE: {
    status: 500,
    title: 'The data folder cannot be used',
    remedy: 'Give the host the right to write there, or another DATA_DIR.',
  },
  DATABASE_UNREACHABLE: {
    status: 500,
    title: 'The database does not answer',
    remedy: 'Look whether it runs, and whether DATABASE_URL names it with the right user and password.',
  },
  DATABASE_TOO_OLD: {
    status: 500,
    title: 'The database is older than Nestdock can use',
    remedy: 'Use PostgreSQL 14 or later.',
  },
  DATABASE_AHEAD: {
    status: 500,
    title: 'The database belongs to a newer version of Nestdock',
    remedy: 'Start that version, or restore the database from before the upgrade.',
  },
  DATABASE_INCOMPATIBLE: {
    status: 500,
    title: 'The embedded database was written by another version of PostgreSQL',
    remedy: 'Start the version of Nestdock that wrote it and dump its content, or give this one a new DATA_DIR.',
  },

  // Manifests
  MANIFEST_INVALID: {
    status: 422,
    title: 'The manifest is not valid',
    remedy: 'Correct what `problems` names; each has its place in the file. GET /schemas/manifest.json has the schema.',
  },

  // Modules
  MODULE_NOT_FOUND: {
    status: 404,
    title: 'No module has this name',
    remedy: 'See GET /api/v1/modules for the names, or scan for new folders.',
  },
  MODULE_NOT_LOADED: {
    status: 404,
    title: 'The module is not loaded',
    remedy: 'Enable it with POST /api/v1/modules/{name}/enable.',
  },
  MODULE_UNAVAILABLE: {
    status: 503,
    title: 'The module is being loaded or is out of service',
    remedy: 'Try again after the seconds that Retry-After names.',
  },
  MODULE_NAME_CONFLICT: {
    status: 409,
    title: 'Two folders have one module name',
    remedy: 'Rename one of them in its manifest or remove it, then scan again.',
  },
  MODULE_QUARANTINED: {
    status: 409,
    title: 'The module was taken out for what it did',
    remedy: 'Correct what `quarantine` of the module tells of, then enable it with POST /api/v1/modules/{name}/enable.',
  },
  MODULE_KILLED_HOST: {
    status: 409,
    title: 'Hosts have ended while they loaded the module',
    remedy:
      'Correct the module, or have it run in a process of its own (`"isolation": "process"`); then enable it with POST /api/v1/modules/{name}/enable.',
  },
  PERMISSIONS_CHANGED: {
    status: 409,
    title: 'The version asks for more than was granted',
    remedy:
      'Decide on what `added` names: POST /api/v1/modules/{name}/enable with `{ "permissions": [...] }`, which lists all that is granted.',
  },
  RELEASE_TOO_LARGE: {
    status: 422,
    title: 'The release is too large to be kept',
    remedy: 'Leave out of the bundle what it does not need, such as large data: read that from files instead.',
  },
  RELEASE_DAMAGED: {
    status: 500,
    title: 'A kept release is not what its digest names',
    remedy:
      'Reload the module on a host that has its folder: the release is made anew. Then look at who writes to the database.',
  },
  RELEASE_UNKNOWN: {
    status: 404,
    title: 'No release with that hash is kept',
    remedy: 'Name the hash of a bundle that the module has served lately; the last five releases are kept.',
  },
  REVISION_CONFLICT: {
    status: 409,
    title: 'The module was changed meanwhile',
    remedy: 'Read the module again; `revision` is the current one. Then decide whether the change is still wanted.',
  },
  ROLLOUT_CONFLICT: {
    status: 409,
    title: 'Another host is just changing the module',
    remedy: 'Read the module again once that has ended, then decide whether the change is still wanted.',
  },
  ROLLOUT_FAILED: {
    status: 422,
    title: 'The release cannot be served everywhere, or did badly on trial',
    remedy: '`hosts` says which cannot, and why; `errors` how many it met. What served before goes on everywhere.',
  },
  ROLLOUT_ABANDONED: {
    status: 409,
    title: 'The hosts have given the change up',
    remedy:
      'An operator gave it up or changed the module, or the host that led it was away. Try again where it is wanted.',
  },
  ROLLOUT_UNKNOWN: {
    status: 404,
    title: 'No release of the module is just being brought to the hosts',
    remedy: 'It may have been decided by now: read the module.',
  },
  TRIAL_IMPOSSIBLE: {
    status: 409,
    title: 'The module cannot be tried on a part of its requests',
    remedy: 'Leave `strategy` out: a trial needs a generation that serves, and a module whose generations may meet.',
  },
  CLUSTER_NOT_CONVERGED: {
    status: 504,
    title: 'The change is made, but not all hosts have followed in time',
    remedy: '`hosts` says which; GET /api/v1/cluster shows how far they are. They go on trying.',
  },
  MODULE_RENAMED: {
    status: 409,
    title: 'The folder has a module of another name now',
    remedy: 'Put the old name back into the manifest, or scan and enable the module by its new name.',
  },
  MODULE_NOT_ENABLED: {
    status: 409,
    title: 'The module is not enabled',
    remedy: 'Enable it first.',
  },
  MODULE_ENABLED: {
    status: 409,
    title: 'The module is enabled',
    remedy: 'Disable it first.',
  },
  MODULE_FOLDER_MISSING: {
    status: 422,
    title: "The module's folder is gone",
    remedy: 'Put the folder back, or register the module at its new path.',
  },
  MODULE_PATH_FORBIDDEN: {
    status: 403,
    title: 'The path is outside the folders that modules may come from',
    remedy: 'Move the module under MODULES_DIR, or add its parent folder to MODULE_ROOTS.',
  },
  MODULE_LOAD_FAILED: {
    status: 422,
    title: 'The module could not be loaded',
    remedy: 'See `detail` and `stack` for what it failed with.',
  },
  LOAD_TIMEOUT: {
    status: 422,
    title: 'The module took too long to load',
    remedy: 'Look at what it waits for in the step that `step` names, or raise LOAD_TIMEOUT_MS.',
  },
  UNLOAD_INCOMPLETE: {
    status: 500,
    title: 'The module is gone, but something of it could not be taken back',
    remedy: 'Correct what its clean-up failed with; restart the host to be rid of what is left.',
  },
  MODULE_PROCESS_FAILED: {
    status: 500,
    title: 'The process of the module could not be started',
    remedy: 'See `cause` and the log. Where the machine has no memory or no processes left, free some.',
  },
  EXPORTS_ACROSS_PROCESSES: {
    status: 422,
    title: 'What modules export is used in their own process only',
    remedy: 'Run both modules inline, or have the one call the routes of the other by `context.hostUrl`.',
  },
  PERMISSION_DENIED: {
    status: 403,
    title: 'The module was not granted what it wants to do',
    remedy:
      'Name the permission in `permissions` of the manifest, and grant it with POST /api/v1/modules/{name}/enable.',
  },
  LINK_LEAVES_FOLDER: {
    status: 422,
    title: "A link in the module's folder leads out of it",
    remedy: 'Put the files themselves where `problems` names links, or grant `filesystem:read`.',
  },
  PROCESS_CALL_REFUSED: {
    status: 500,
    title: 'A module may not end the process that it shares, nor change it for all',
    remedy: 'Throw an error where something failed; let the operator disable the module, or stop the host.',
  },
  ILLEGAL_TRANSITION: {
    status: 409,
    title: 'The module cannot do this in its present state',
    remedy: 'Wait until the operation under way has ended.',
  },

  // Code
  BUNDLE_FAILED: {
    status: 422,
    title: "The module's code could not be compiled",
    remedy: 'Correct what `problems` names; each has its file, line and column.',
  },
  HOST_PACKAGE_UNAVAILABLE: {
    status: 422,
    title: 'The module imports a part of a shared package that the host does not have',
    remedy: "Import what the host's version of the package exports; `detail` names the import.",
  },
  MODULE_EVALUATION_FAILED: {
    status: 422,
    title: "The module's code failed while it was being loaded",
    remedy: 'Correct what the code at the top level of its files does; `stack` names the line.',
  },
  ASYNC_PACKAGE: {
    status: 422,
    title: 'The module requires a package that awaits at its top level',
    remedy:
      'Import the package inside an async function with `await import()` of a file that does not await, or use another one.',
  },
  ENTRY_NOT_EXPORTED: {
    status: 422,
    title: "The module's entry has no default export",
    remedy: 'Export the Nest module class or the Fastify plugin with `export default`.',
  },
  HANDLER_NOT_FOUND: {
    status: 422,
    title: 'A handler that the manifest names is not there',
    remedy: 'Correct the handlers that `problems` names, or export the functions.',
  },

  // Routing
  ROUTE_CONFLICT: {
    status: 422,
    title: 'Two routes of the module answer the same requests',
    remedy: 'Change the method or the path of one of the two that `detail` names, or remove it.',
  },
  ROUTE_INVALID: {
    status: 422,
    title: 'A route of the module cannot be served',
    remedy: 'Correct the path or the constraints of the route that `detail` names.',
  },
  ROUTE_SCHEMA_INVALID: {
    status: 422,
    title: 'A schema of a route is not valid',
    remedy: 'Correct the schema of the route that `detail` names.',
  },

  // Composition
  ENTRY_INVALID: {
    status: 422,
    title: 'The entry of the module is neither a Nest module nor a Fastify plugin',
    remedy: 'Export a class with `@Module()` or a Fastify plugin as default, or take `entry` out of the manifest.',
  },
  COMPOSITION_FAILED: {
    status: 422,
    title: 'The module could not be composed',
    remedy: 'Correct what `detail` names: a provider that is missing, an import, a route.',
  },
  HOOK_FAILED: {
    status: 422,
    title: 'A lifecycle hook of the module failed',
    remedy: 'Look at the hook and class that `detail` names.',
  },
  PROVIDER_NOT_FOUND: {
    status: 500,
    title: 'The module has no such provider',
    remedy: 'Ask `context.get()` for a provider of the module itself that is neither request-scoped nor transient.',
  },

  // Data
  MODULE_SCHEMA_UNAVAILABLE: {
    status: 500,
    title: "The module's schema cannot be used",
    remedy:
      'Give the role of DATABASE_URL the right to create schemas (`GRANT CREATE ON DATABASE`), or make the schema that `detail` names and give it to that role.',
  },
  MODULE_ROLE_UNAVAILABLE: {
    status: 500,
    title: "The module's database role cannot be made",
    remedy:
      "Allow the host's role to make roles (`ALTER ROLE … CREATEROLE`), or run the module inline; `cause` has the server's words.",
  },
  MODULE_ENTITIES_INVALID: {
    status: 422,
    title: 'The entities of the module cannot be used',
    remedy: 'Correct the entity that `detail` names.',
  },
  ENTITY_SCHEMA_FOREIGN: {
    status: 422,
    title: "An entity of the module stands in another schema than the module's own",
    remedy: 'Leave `schema` and `database` out of the entities that `problems` names: a module has its own schema.',
  },
  DATA_SOURCE_FORBIDDEN: {
    status: 422,
    title: 'The module brings a data source of its own',
    remedy:
      'Leave `TypeOrmModule.forRoot()` out and keep `forFeature()`: the host gives each module a data source. For another database, make a `new DataSource()` in a provider, under a token of your own.',
  },
  SYNCHRONIZE_FORBIDDEN: {
    status: 500,
    title: 'A module may not synchronise its schema',
    remedy: 'Write migrations: a folder that `migrations` of the manifest names.',
  },
  MODULE_DATA_CLOSED: {
    status: 503,
    title: 'The data source of a module that was unloaded was used',
    remedy: 'End timers and loops of the module in `onModuleDestroy`, or when `context.signal` aborts.',
  },
  DATABASE_BUSY: {
    status: 503,
    title: 'No database connection became free in time',
    remedy: 'Look for transactions and queries that do not end; `detail` says who held the connections.',
  },

  // Settings of modules
  SETTINGS_INVALID: {
    status: 400,
    title: 'The settings do not fit the fields of the module',
    remedy: 'Correct the fields that `problems` names; nothing was changed.',
  },
  SETTINGS_CHANGED: {
    status: 412,
    title: 'The settings have been changed meanwhile',
    remedy: 'Read them again, and send what is still to be changed with the new revision.',
  },
  SETTINGS_INCOMPLETE: {
    status: 409,
    title: 'The module lacks settings that it needs',
    remedy: 'Set the fields that `problems` names with PUT /api/v1/modules/{name}/settings, then try again.',
  },

  // Migrations of modules
  MIGRATION_FAILED: {
    status: 422,
    title: 'A migration of the module failed',
    remedy: 'Correct the statement that `problems` names; nothing of the load is in the database.',
  },
  MIGRATION_TIMEOUT: {
    status: 422,
    title: 'The migrations of the module took too long',
    remedy:
      'Look at what they wait for, make them smaller, or raise MIGRATION_TIMEOUT_MS; nothing of the load is in the database.',
  },
  MIGRATION_INVALID: {
    status: 422,
    title: 'A migration of the module is no migration class',
    remedy: 'Export one class with a method `up(queryRunner)` from each file that `problems` names.',
  },
  MIGRATION_CHANGED: {
    status: 422,
    title: 'A migration of the module has changed since it was applied',
    remedy: 'Restore what `problems` names and write the change as a new migration, or roll it back first.',
  },
  MIGRATION_MISSING: {
    status: 422,
    title: 'A migration of the module was applied and is not there any more',
    remedy: 'Put the files back that `problems` names, or roll them back with a release that has them.',
  },
  MIGRATION_OUT_OF_ORDER: {
    status: 422,
    title: 'A migration of the module comes before one that was applied already',
    remedy: 'Give what `problems` names a number after the last one that was applied.',
  },
  MIGRATION_INTERRUPTED: {
    status: 409,
    title: 'A migration that runs outside a transaction was never finished',
    remedy:
      'Look at what it has done and put that right, then say what it is now with POST /api/v1/modules/{name}/migrations/resolve.',
  },
  MIGRATION_NOT_INTERRUPTED: {
    status: 409,
    title: 'The migration was not interrupted',
    remedy: 'See GET /api/v1/modules/{name}/migrations for those that were.',
  },
  MIGRATION_NOT_FOUND: {
    status: 404,
    title: 'No migration of this name was applied',
    remedy: 'See GET /api/v1/modules/{name}/migrations for the names.',
  },
  MIGRATION_IRREVERSIBLE: {
    status: 409,
    title: 'A migration cannot be rolled back',
    remedy: 'Write the down files that `problems` names, or put the release back that has them.',
  },
  MIGRATIONS_RUNNING: {
    status: 409,
    title: 'A host is at work on the migrations of the module',
    remedy: 'Try again once it is done.',
  },
  MIGRATIONS_ROLLED_BACK: {
    status: 409,
    title: 'The migrations of the module were rolled back while it was being loaded',
    remedy: 'Enable the module again.',
  },

  // Dependencies between modules
  DEPENDENCY_MISSING: {
    status: 409,
    title: 'The module needs another one that is not there',
    remedy: 'Register what `problems` names; each entry says who needs it.',
  },
  DEPENDENCY_VERSION: {
    status: 409,
    title: 'The module needs another version of a module',
    remedy: 'Install a version within the range that `problems` names, or correct the range in `dependencies`.',
  },
  DEPENDENCY_CYCLE: {
    status: 409,
    title: 'Modules need each other in a circle',
    remedy: 'Take one of the dependencies on the path that `detail` names out of its manifest.',
  },
  DEPENDENCY_UNAVAILABLE: {
    status: 503,
    title: 'A module that this one needs does not serve',
    remedy:
      'See the state and the error of the module that `detail` names; what needs it is tried again once it serves.',
  },
  DEPENDENCY_FAILED: {
    status: 422,
    title: 'A module that this one needs cannot be enabled',
    remedy: 'Correct what is wrong with the module that `dependency` names, then try again. Nothing was enabled.',
  },
  DEPENDENCY_UNDECLARED: {
    status: 422,
    title: 'The module uses another one that its manifest does not name',
    remedy: 'Add that module to `dependencies` in the manifest, with the range of versions that fit.',
  },
  DEPENDENTS_ENABLED: {
    status: 409,
    title: 'Other modules need this one',
    remedy: 'Disable those that `dependents` names first, or all of them with `?cascade=true`.',
  },
  DEPENDENTS_INCOMPATIBLE: {
    status: 409,
    title: 'Enabled modules need another version of this one',
    remedy:
      'Bring versions of those that `dependents` names whose range includes the new version, or disable them first.',
  },
  EXPORT_NOT_FOUND: {
    status: 422,
    title: 'A module does not export what this one injects',
    remedy: 'Correct the token, or add the provider to `exports` of the Nest module of the one that `detail` names.',
  },
  EXPORT_UNSUITABLE: {
    status: 422,
    title: 'What a module exports cannot be used by another one',
    remedy: 'Export an object or a function that lives as long as its module, under a name of its own.',
  },
  EXPORT_IN_USE: {
    status: 409,
    title: 'Modules use an export that the new version does not have',
    remedy: 'Keep the export until those that `dependents` names no longer inject it, or disable them first.',
  },

  // Jobs
  JOB_NOT_FOUND: {
    status: 404,
    title: 'No job has this id',
    remedy: 'See GET /api/v1/jobs for the ids.',
  },
  RUN_NOT_FOUND: {
    status: 404,
    title: 'No run has this id',
    remedy: 'See GET /api/v1/jobs/{id}/runs for the ids; old runs are removed in time.',
  },
  JOB_CONFIG_INVALID: {
    status: 400,
    title: 'The config does not fit the fields of the job',
    remedy: 'Correct the fields that `problems` names.',
  },
  SCHEDULE_INVALID: {
    status: 400,
    title: 'The schedule is no cron expression',
    remedy: 'Give five fields, or six with seconds first, such as `*/15 * * * *`.',
  },
  TIMEZONE_INVALID: {
    status: 400,
    title: 'The time zone is not known',
    remedy: 'Give an IANA name, such as `Europe/Bucharest`.',
  },
  JOB_DISABLED: {
    status: 409,
    title: 'The module of the job is not enabled',
    remedy: 'Enable the module first.',
  },
  JOB_ORPHANED: {
    status: 409,
    title: "The module's manifest names this job no longer",
    remedy: 'Run another job, or bring the job back in the manifest and reload the module.',
  },
  JOBS_INVALID: {
    status: 422,
    title: 'The jobs of the module cannot be set up',
    remedy: 'Correct the jobs that `problems` names.',
  },
  RUN_FINISHED: {
    status: 409,
    title: 'The run has ended already',
    remedy: 'Only a run that is queued or running can be cancelled.',
  },
  RUN_NOT_RETRIABLE: {
    status: 409,
    title: 'The run cannot be repeated',
    remedy:
      'Only a run that ended without success, and that no other run is repeating now, can be. To run the job anew, use POST /api/v1/jobs/{id}/run.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

import { type VersioningOptions } from '@nestjs/common';

/** Metadata key of {@link ModuleVersioning}. */
export const MODULE_VERSIONING = Symbol.for('nestdock:module-versioning');

/**
 * Chooses how the routes of a Nest entry are versioned, as `app.enableVersioning()` does for a static application.
 * Stands on the entry's class; without it, `@Version('1')` is part of the path (`/v1/…`).
 */
export const ModuleVersioning =
  (options: VersioningOptions): ClassDecorator =>
  (entry) =>
    Reflect.defineMetadata(MODULE_VERSIONING, options, entry);

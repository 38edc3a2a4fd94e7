import { realpath } from 'node:fs/promises';
import { type InputProblem } from '../common/errors/problem.js';
import { HOST_VERSION } from '../common/host-version.js';
import { checkFields } from './checks/fields.js';
import { checkFiles } from './checks/files.js';
import { checkIdentity, RESERVED_NAMES } from './checks/identity.js';
import { checkJobs } from './checks/jobs.js';
import { checkPaths } from './checks/paths.js';
import { checkPermissions } from './checks/permissions.js';
import { checkRouteSchemas } from './checks/route-schemas.js';
import { checkRoutes } from './checks/routes.js';
import { isObject, memberOf } from './json-value.js';
import { type Manifest } from './manifest.js';
import { documentFromText, documentFromValue, type ManifestDocument } from './manifest-document.js';
import { impatientMatch } from './match-pattern.js';
import { NAME_PATTERN } from './patterns.js';
import { checkSchema } from './schema-check.js';

export interface ValidationOptions {
  /** Absolute path of the module's folder; without it, files are not looked at. */
  readonly folder?: string | undefined;
  /** Version that `engines.nestdock` is held against; this host's own where missing. */
  readonly hostVersion?: string | undefined;
}

/** What a manifest says, and all that is wrong with it. */
export interface ManifestReading {
  /** Only where there are no problems. */
  readonly manifest?: Manifest;
  /** What was read, as far as it could be; only where it was JSON. */
  readonly raw?: unknown;
  /** The module's name, where that is valid, whatever else is wrong. */
  readonly name?: string;
  /** In the order of the text; empty where the manifest is valid. */
  readonly problems: readonly InputProblem[];
}

/**
 * Validates a manifest: the published schema first, then what a schema cannot say, on the parts that are sound.
 * @param manifest its text, or its value as parsed from JSON; only text has lines and columns
 */
export async function validateManifest(manifest: unknown, options: ValidationOptions = {}): Promise<ManifestReading> {
  const document = typeof manifest === 'string' ? documentFromText(manifest) : documentFromValue(manifest);
  if (document.complete) await check(document, options);
  const { value, complete, problems } = document;
  const name = validName(value);
  return {
    ...(complete && { raw: value }),
    ...(name !== undefined && { name }),
    ...(complete && problems.size === 0 && { manifest: value as Manifest }),
    problems: problems.toArray(),
  };
}

async function check({ value, problems }: ManifestDocument, { folder, hostVersion }: ValidationOptions): Promise<void> {
  const match = impatientMatch();
  checkSchema(value, problems);
  if (!isObject(value)) return;
  checkIdentity(value, hostVersion ?? HOST_VERSION, problems);
  checkPermissions(value, problems);
  checkRoutes(value, problems);
  await checkRouteSchemas(value, problems);
  checkJobs(value, problems, match);
  checkFields(value.settings, ['settings'], problems, match);
  const paths = checkPaths(value, problems);
  if (folder !== undefined) await checkFiles(await realpath(folder), paths, problems);
}

const NAME = new RegExp(NAME_PATTERN, 'u');

function validName(manifest: unknown): string | undefined {
  const name = memberOf(manifest, 'name');
  const isValid = typeof name === 'string' && name.length >= 3 && name.length <= 50 && NAME.test(name);
  return isValid && !RESERVED_NAMES.includes(name) ? name : undefined;
}

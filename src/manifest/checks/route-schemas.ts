import { setImmediate } from 'node:timers/promises';
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { type PointerSegment } from '../json-pointer.js';
import { entriesOf, isObject, itemsOf, type JsonObject, memberOf } from '../json-value.js';
import { type ProblemList } from '../problem-list.js';
import { where } from '../wording.js';

const REQUEST_PARTS = ['body', 'querystring', 'params', 'headers'];

/** Schemas that are compiled before others get a turn: one takes about a millisecond. */
const BATCH = 10;

/** Checks that the JSON Schemas of the routes compile. */
export async function checkRouteSchemas(manifest: JsonObject, problems: ProblemList): Promise<void> {
  const schemas = problems.isSound(['routes']) ? itemsOf(manifest.routes).flatMap(schemasOf) : [];
  if (schemas.length === 0) return;
  // Keywords that Ajv does not know, such as OpenAPI's `example`, are no mistake.
  const ajv = addFormats.default(new Ajv({ strict: false, logger: false, allErrors: true, validateSchema: false }));
  for (const [index, { schema, at }] of schemas.entries()) {
    checkSchemaAt(schema, at, ajv, problems);
    if (index % BATCH === BATCH - 1) await setImmediate();
  }
}

interface PlacedSchema {
  readonly schema: JsonObject;
  readonly at: readonly PointerSegment[];
}

function schemasOf(route: unknown, index: number): PlacedSchema[] {
  const at = ['routes', index, 'schema'];
  const parts = memberOf(route, 'schema');
  const request = entriesOf(parts).filter(([part]) => REQUEST_PARTS.includes(part));
  const response = entriesOf(memberOf(parts, 'response'));
  return [
    ...request.map(([part, schema]) => ({ schema, at: [...at, part] })),
    ...response.map(([status, schema]) => ({ schema, at: [...at, 'response', status] })),
  ].flatMap(({ schema, at: place }) => (isObject(schema) ? [{ schema, at: place }] : []));
}

function checkSchemaAt(schema: JsonObject, at: readonly PointerSegment[], ajv: Ajv, problems: ProblemList): void {
  const flaw = schemaFlaw(schema, ajv);
  // Two routes may have schemas of the same `$id`.
  ajv.removeSchema();
  if (flaw === undefined) return;
  const place = [...at, ...flaw.within];
  problems.add('MANIFEST_ROUTE_SCHEMA', { at: place }, { message: `${where(place)}: ${flaw.reason}` });
}

interface SchemaFlaw {
  readonly reason: string;
  /** The way to the keyword that is wrong, as far as it is known. */
  readonly within: readonly string[];
}

function schemaFlaw(schema: JsonObject, ajv: Ajv): SchemaFlaw | undefined {
  try {
    if (ajv.validateSchema(schema) === false) return metaSchemaFlaw(ajv.errors?.[0]);
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    return { reason: `the JSON Schema does not compile: ${(error as Error).message}`, within: [] };
  }
}

const metaSchemaFlaw = (error: ErrorObject | undefined): SchemaFlaw => ({
  reason: `this is not JSON Schema: it ${error?.message ?? 'is not valid'}`,
  within: (error?.instancePath ?? '')
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~')),
});

type Json = Readonly<Record<string, unknown>>;

/** Keywords of JSON Schema (draft-07) that OpenAPI 3.0 has no room for. */
const DROPPED = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'dependencies',
  'contains',
  'additionalItems',
]);
const ONE_SCHEMA = new Set(['additionalProperties', 'not', 'items']);
const SCHEMA_LIST = new Set(['allOf', 'anyOf', 'oneOf']);

/** Says a JSON Schema (draft-07) in the words of OpenAPI 3.0. Local references are put in place; what has no word is left out. */
export function toOpenApiSchema(schema: unknown): Record<string, unknown> {
  return convert(schema, schema, new Set());
}

function convert(schema: unknown, root: unknown, within: ReadonlySet<unknown>): Record<string, unknown> {
  if (schema === false) return { not: {} };
  if (!isJson(schema) || within.has(schema)) return {};
  const inside = new Set(within).add(schema);
  if (typeof schema.$ref === 'string') return convert(resolve(schema.$ref, root), root, inside);
  const converted: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (DROPPED.has(keyword)) continue;
    Object.assign(
      converted,
      convertKeyword(keyword, value, schema, (inner) => convert(inner, root, inside)),
    );
  }
  return converted;
}

function convertKeyword(
  keyword: string,
  value: unknown,
  schema: Json,
  convertInner: (inner: unknown) => object,
): object {
  if (keyword === 'properties' && isJson(value)) {
    const entries = Object.entries(value).map(([name, property]) => [name, convertInner(property)] as const);
    return { properties: Object.fromEntries(entries) };
  }
  if (SCHEMA_LIST.has(keyword) && Array.isArray(value)) return { [keyword]: value.map(convertInner) };
  if (keyword === 'items' && Array.isArray(value)) return { items: { anyOf: value.map(convertInner) } };
  if (keyword === 'additionalProperties' && typeof value === 'boolean') return { additionalProperties: value };
  if (ONE_SCHEMA.has(keyword)) return { [keyword]: convertInner(value) };
  if (keyword === 'const') return { enum: [value] };
  if (keyword === 'type') return convertType(value, schema);
  if (keyword === 'examples' && Array.isArray(value)) return { example: value[0] as unknown };
  if (keyword === 'exclusiveMinimum' && typeof value === 'number') return { minimum: value, exclusiveMinimum: true };
  if (keyword === 'exclusiveMaximum' && typeof value === 'number') return { maximum: value, exclusiveMaximum: true };
  return { [keyword]: value };
}

function convertType(type: unknown, { anyOf }: Json): object {
  if (type === 'null') return { nullable: true };
  if (!Array.isArray(type)) return { type };
  const nullable = type.includes('null') && { nullable: true };
  const [first, ...others] = type.filter((each) => each !== 'null') as string[];
  if (others.length === 0) return { ...(first && { type: first }), ...nullable };
  return { ...(anyOf === undefined && { anyOf: [first, ...others].map((each) => ({ type: each })) }), ...nullable };
}

/** @returns undefined where the reference leaves the schema or leads nowhere */
function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined;
  const steps = reference.slice(1).split('/').slice(1);
  return steps.reduce<unknown>((at, step) => {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    return isJson(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, root);
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

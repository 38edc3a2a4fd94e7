import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { type SchemaCompiler } from './fastify-internals.js';

/** As Fastify sets up the Ajv of its own routes. */
const FASTIFY_AJV_OPTIONS = {
  coerceTypes: 'array',
  useDefaults: true,
  removeAdditional: true,
  addUsedSchema: false,
  allErrors: false,
} as const;

/**
 * Compiles the schemas of one generation's routes. The Ajv is the generation's own, as it keeps every schema it has
 * seen; it is made for the first schema, as most modules have none.
 */
export class SchemaCompilers {
  #ajv: Ajv | undefined;

  constructor(readonly serializer: SchemaCompiler) {}

  readonly validator = (schema: unknown): ValidateFunction => {
    this.#ajv ??= addFormats.default(new Ajv(FASTIFY_AJV_OPTIONS));
    // One Ajv does not compile two schemas of one $id: the second is the first.
    const known = hasId(schema) ? this.#ajv.getSchema(schema.$id) : undefined;
    return known ?? this.#ajv.compile(schema as object);
  };
}

function hasId(schema: unknown): schema is { readonly $id: string } {
  return typeof schema === 'object' && schema !== null && '$id' in schema && typeof schema.$id === 'string';
}

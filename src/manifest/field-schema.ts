import { optionValues } from './field-value.js';
import { type ManifestField, type ManifestFields } from './manifest.js';

/** A JSON Schema (draft-07) of an object: what a form for the fields is made of. */
export interface FieldsSchema {
  readonly $schema: string;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Fields that need a value; absent where there is none. */
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

/** Describes the values of a manifest's fields. The default of a password is not in it. */
export function fieldsSchema(fields: ManifestFields): FieldsSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.required === true).map(([key]) => key);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, field]) => [key, fieldSchema(field)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function fieldSchema(field: ManifestField): Readonly<Record<string, unknown>> {
  const { label, description } = field;
  return {
    ...(label !== undefined && { title: label }),
    ...(description !== undefined && { description }),
    ...typeSchema(field),
    ...(field.default !== undefined && field.type !== 'password' && { default: field.default }),
  };
}

function typeSchema(field: ManifestField): Readonly<Record<string, unknown>> {
  switch (field.type) {
    case 'string':
      return { type: 'string', ...lengths(field) };
    case 'password':
      return { type: 'string', format: 'password', writeOnly: true, ...lengths(field) };
    case 'number':
      return { type: 'number', ...defined({ minimum: field.min, maximum: field.max }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'select':
      return { enum: optionValues(field), ...labels(field) };
    case 'json':
      return {};
  }
}

const lengths = ({ min, max, pattern }: ManifestField) => defined({ minLength: min, maxLength: max, pattern });

/** What forms show in place of the values; absent where no option has a label. */
function labels({ options = [] }: ManifestField): Readonly<Record<string, unknown>> {
  const labelled = options.map((option) => (typeof option === 'object' ? option : { value: option }));
  if (labelled.every(({ label }) => label === undefined)) return {};
  return { oneOf: labelled.map(({ value, label }) => ({ const: value, title: label ?? String(value) })) };
}

const defined = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

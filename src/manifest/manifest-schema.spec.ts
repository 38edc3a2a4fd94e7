import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { type FromSchema, type JSONSchema } from 'json-schema-to-ts';
import { type Manifest } from './manifest.js';
import { MANIFEST_SCHEMA } from './manifest-schema.js';

/** The schema without `x-` keys: json-schema-to-ts makes an index signature of them that swallows all others. */
type WithoutExtensions<S> = S extends readonly unknown[]
  ? S
  : S extends object
    ? { [K in keyof S as K extends 'patternProperties' ? never : K]: WithoutExtensions<S[K]> }
    : S;

type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [K in keyof T as K extends `x-${string}` ? (string extends K ? K : never) : K]: Plain<T[K]> }
    : T;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type FromManifestSchema = FromSchema<WithoutExtensions<typeof MANIFEST_SCHEMA>>;

/** Compiles only where `A` is `true`; the type check of this file is the test. */
const holds = <A extends true>(): A | undefined => undefined;

interface SchemaNode {
  readonly path: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Every named property of the schema, at any depth. */
function propertiesOf(schema: unknown, path: string): SchemaNode[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items, additionalProperties } = schema as Record<string, object | undefined>;
  const named = Object.entries(properties).map(([key, property]: [string, object]) => ({
    path: `${path}/${key}`,
    schema: property as Record<string, unknown>,
  }));
  return [
    ...named,
    ...named.flatMap(({ path: below, schema: property }) => propertiesOf(property, below)),
    ...propertiesOf(items, `${path}/[]`),
    ...propertiesOf(additionalProperties, `${path}/*`),
  ];
}

describe('MANIFEST_SCHEMA', () => {
  const properties = propertiesOf(MANIFEST_SCHEMA, '');

  test('says the same as the type Manifest', () => {
    holds<Equal<Plain<Manifest>, Plain<FromManifestSchema>>>();
    expect(MANIFEST_SCHEMA satisfies JSONSchema).toBeDefined();
  });

  test('is a schema of draft-07 in strict mode', () => {
    expect(new Ajv({ strict: true, allowUnionTypes: true }).validateSchema(MANIFEST_SCHEMA)).toBe(true);
    expect(MANIFEST_SCHEMA.$id).toMatch(/^urn:/);
  });

  test('reaches into routes, jobs and fields', () => {
    const paths = properties.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['/routes/[]/schema/body', '/jobs/*/config/*/min', '/settings/*/options']),
    );
  });

  test.each(properties.map(({ path, schema }) => [path, schema] as const))(
    '%s has a description, and examples that are valid',
    (_path, schema) => {
      expect(schema.description).toEqual(expect.stringMatching(/\S/));
      const ajv = new Ajv({ strict: false });
      const examples = schema.examples as unknown[];
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect([example, ajv.validate(schema, example)]).toEqual([example, true]);
    },
  );
});

import { Ajv, type DefinedError, type ErrorObject, type ValidateFunction } from 'ajv';
import { didYouMean, nearest } from '../common/did-you-mean.js';
import { type PointerSegment } from './json-pointer.js';
import { MANIFEST_SCHEMA } from './manifest-schema.js';
import { patternFlaw } from './pattern-flaws.js';
import { type ManifestProblemCode } from './problem-catalogue.js';
import { type ProblemList } from './problem-list.js';
import { quote, where } from './wording.js';

let compiled: ValidateFunction | undefined;

/** Compiled when a manifest is checked first: the process of a module has none to check. */
function validator(): ValidateFunction {
  compiled ??= new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: true, verbose: true }).compile(
    MANIFEST_SCHEMA,
  );
  return compiled;
}

/** To look for what was meant takes time, and a hostile manifest of 1 MB has keys by the ten thousand. */
const MOST_SUGGESTIONS = 200;

/** Holds a manifest against the published JSON Schema. */
export function checkSchema(manifest: unknown, problems: ProblemList): void {
  const validate = validator();
  if (validate(manifest)) return;
  const errors = (validate.errors ?? []) as DefinedError[];
  validate.errors = null;
  const mistyped = new Set(errors.slice(0, MOST_SUGGESTIONS).flatMap((error) => mistypedKey(error) ?? []));
  for (const error of errors) {
    // Ajv names a bad key twice; this one does not say what is wrong with it.
    if (error.keyword === 'propertyNames') continue;
    // A key that is mistyped is there.
    if (error.keyword === 'required' && mistyped.has(`${error.instancePath}/${error.params.missingProperty}`)) continue;
    report(error, manifest, problems);
  }
}

/** Pointer to the key that was meant by one that is unknown. */
function mistypedKey(error: DefinedError): string | undefined {
  if (error.keyword !== 'additionalProperties') return undefined;
  const meant = nearest(error.params.additionalProperty, knownKeys(error));
  return meant === undefined ? undefined : `${error.instancePath}/${meant}`;
}

const knownKeys = ({ parentSchema }: ErrorObject): string[] =>
  Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {});

function report(error: DefinedError, manifest: unknown, problems: ProblemList): void {
  const at = segmentsOf(error.instancePath, manifest);
  if (error.propertyName !== undefined) return reportKey(error, [...at, error.propertyName], problems);
  switch (error.keyword) {
    case 'required':
      return problems.addMissing(at, {
        message: `${where(at)}: the key \`${error.params.missingProperty}\` is missing`,
      });
    case 'additionalProperties': {
      const key = error.params.additionalProperty;
      const hint = problems.size < MOST_SUGGESTIONS ? didYouMean(key, knownKeys(error)) : undefined;
      const text = {
        message: `${where(at)}: the key ${quote(key)} means nothing here`,
        hint,
      };
      return problems.add('MANIFEST_UNKNOWN_KEY', { at: [...at, key], part: 'key' }, text);
    }
    case 'enum': {
      const allowed = (error.params.allowedValues as readonly string[]).map(String);
      const hint = typeof error.data === 'string' ? didYouMean(error.data, allowed) : undefined;
      const message = `${where(at)} must be one of ${allowed.map(quote).join(', ')}`;
      return problems.add('MANIFEST_ENUM', { at }, { message, hint });
    }
    case 'pattern': {
      const { code, message, hint } = patternFlaw(error.params.pattern, String(error.data));
      return problems.add(code, { at }, { message: `${where(at)}: ${message}`, hint });
    }
    case 'type':
      return problems.add('MANIFEST_TYPE', { at }, { message: `${where(at)} must be ${typeNames(error.params.type)}` });
    default:
      return problems.add(codeOf(error), { at }, { message: `${where(at)} ${error.message ?? 'is not valid'}` });
  }
}

/** What a keyword within `propertyNames` found. */
function reportKey(error: DefinedError, at: readonly PointerSegment[], problems: ProblemList): void {
  const key = String(error.propertyName);
  const flaw = error.keyword === 'pattern' ? patternFlaw(error.params.pattern, key) : undefined;
  const message = flaw?.message ?? `the key ${quote(key)} ${error.message ?? 'is not valid'}`;
  const text = { message: `${where(at.slice(0, -1))}: ${message}`, hint: flaw?.hint };
  problems.add('MANIFEST_KEY_INVALID', { at, part: 'key' }, text);
}

function codeOf({ keyword, instancePath }: ErrorObject): ManifestProblemCode {
  if (keyword === 'uniqueItems') return 'MANIFEST_DUPLICATE_ITEM';
  return instancePath === '/name' ? 'MANIFEST_NAME_INVALID' : 'MANIFEST_VALUE';
}

/** The segments of a pointer, where an index into an array is a number. */
function segmentsOf(pointer: string, document: unknown): PointerSegment[] {
  let value = document;
  return pointer
    .split('/')
    .slice(1)
    .map((encoded) => {
      const key = encoded.replaceAll('~1', '/').replaceAll('~0', '~');
      const isIndex = Array.isArray(value);
      value = (value as Record<string, unknown>)[key];
      return isIndex ? Number(key) : key;
    });
}

const WITH_ARTICLE: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

/** Ajv gives one type as a string, several as an array. */
function typeNames(types: string | readonly string[]): string {
  const names = [types].flat().map((type) => WITH_ARTICLE[type] ?? type);
  return names.join(' or ');
}

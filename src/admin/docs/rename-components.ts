import { type OpenAPIObject } from '@nestjs/swagger';

type Components = Record<string, Record<string, unknown>>;

const COMPONENT_REFERENCE = /^#\/components\/([^/]+)\/([^/]+)(.*)$/s;

/**
 * A copy of the document in which each component's name is `rename(name)`, and so in whatever refers to one: `$ref`,
 * discriminator mappings, security requirements. Two documents renamed apart can be merged.
 */
export function renameComponents(document: OpenAPIObject, rename: (name: string) => string): OpenAPIObject {
  const components = (document.components ?? {}) as Components;
  const isKnown = (section: string, name: string): boolean => Object.hasOwn(components[section] ?? {}, name);

  const reference = (text: string): string => {
    const [, section = '', name = '', rest = ''] = COMPONENT_REFERENCE.exec(text) ?? [];
    if (isKnown(section, unescape(name))) return `#/components/${section}/${escape(rename(unescape(name)))}${rest}`;
    return isKnown('schemas', text) ? `#/components/schemas/${escape(rename(text))}` : text;
  };
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copyMember(key, child)]));
  };
  const copyMember = (key: string, value: unknown): unknown => {
    if (key === '$ref' && typeof value === 'string') return value.startsWith('#') ? reference(value) : value;
    if (key === 'mapping' && isTextMap(value)) return mapValues(value, reference);
    if (key === 'security' && Array.isArray(value)) return value.map(requirement);
    return copy(value);
  };
  const requirement = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    return mapKeys(value, (name) => (isKnown('securitySchemes', name) ? rename(name) : name));
  };

  const copied = copy(document) as OpenAPIObject;
  return { ...copied, components: mapValues((copied.components ?? {}) as Components, (part) => mapKeys(part, rename)) };
}

const isTextMap = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((item) => typeof item === 'string');

const mapKeys = (record: object, to: (key: string) => string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [to(key), value as unknown]));

const mapValues = <V, W>(record: Record<string, V>, to: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));

const unescape = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

import { STATUS_CODES } from 'node:http';
import { type OpenAPIObject } from '@nestjs/swagger';
import { type RouteSchema } from '../../kernel/index.js';
import { isJson, toOpenApiSchema } from './open-api-schema.js';

/** A route that is known by its JSON Schemas alone. */
export interface DescribedRoute {
  readonly method: string;
  /** From the host's root, in find-my-way syntax. */
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly schema?: RouteSchema;
}

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Parameter = Exclude<NonNullable<Operation['parameters']>[number], { $ref: string }>;

/** Methods that OpenAPI 3.0 can describe. */
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
const PARAMETER = /::|:([A-Za-z0-9_]+)(?:\((?:[^()]|\([^()]*\))*\))?\??|\*/g;

/** Turns the schemas of routes into OpenAPI's parameters, bodies and responses. */
export function describeRoutes(routes: readonly DescribedRoute[]): Paths {
  const paths: Paths = {};
  for (const route of routes) {
    const method = route.method.toLowerCase();
    if (METHODS.has(method)) (paths[toOpenApiPath(route.path)] ??= {})[method as 'get'] = operationOf(route);
  }
  return paths;
}

/** `/files/:name(\\d+)/*` becomes `/files/{name}/{wildcard}`. */
export function toOpenApiPath(path: string): string {
  return path.replace(PARAMETER, (found, name?: string) => (name ? `{${name}}` : found === '::' ? ':' : '{wildcard}'));
}

function operationOf({ path, summary, description, schema = {} }: DescribedRoute): Operation {
  const parameters = [
    ...pathParameters(path, schema.params),
    ...parametersOf('query', schema.querystring),
    ...parametersOf('header', schema.headers),
  ];
  return {
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(schema.body !== undefined && { requestBody: { required: true, content: json(schema.body) } }),
    responses: responsesOf(schema.response),
  };
}

/** Every parameter of the path, also those that no schema describes. */
function pathParameters(path: string, schema: unknown): Parameter[] {
  const described = new Map(parametersOf('path', schema).map((parameter) => [parameter.name, parameter]));
  return [...toOpenApiPath(path).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...(described.get(name) ?? { name, in: 'path', schema: { type: 'string' } }),
    required: true,
  }));
}

function parametersOf(location: Parameter['in'], schema: unknown): Parameter[] {
  const { properties, required } = toOpenApiSchema(schema);
  if (!isJson(properties)) return [];
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    const isRequired = needed.includes(name);
    return {
      name,
      in: location,
      required: isRequired,
      schema: rest,
      ...(description !== undefined && { description }),
    };
  });
}

function responsesOf(response: RouteSchema['response'] = {}): Operation['responses'] {
  const described = Object.entries(response).map(([status, schema]) => {
    const { description = STATUS_CODES[status] ?? 'Answer' } = isJson(schema) ? schema : {};
    return [
      status.toUpperCase().replace('DEFAULT', 'default'),
      { description: String(description), content: json(schema) },
    ];
  });
  return described.length > 0
    ? (Object.fromEntries(described) as Operation['responses'])
    : { 200: { description: 'OK' } };
}

const json = (schema: unknown) => ({ 'application/json': { schema: toOpenApiSchema(schema) } });

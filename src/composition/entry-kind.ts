import { type Type } from '@nestjs/common';
import {
  CATCH_WATERMARK,
  CONTROLLER_WATERMARK,
  INJECTABLE_WATERMARK,
  MODULE_METADATA,
} from '@nestjs/common/constants.js';
import { type FastifyPluginAsync, type FastifyPluginCallback } from 'fastify';
import { NestdockError } from '../common/errors/nestdock-error.js';

export type PluginEntry = FastifyPluginAsync<Record<string, unknown>> | FastifyPluginCallback<Record<string, unknown>>;

/** What a module's entry turned out to be. */
export type Entry =
  | { readonly kind: 'none' }
  | { readonly kind: 'nest'; readonly module: Type }
  | { readonly kind: 'plugin'; readonly plugin: PluginEntry };

/** @throws ENTRY_INVALID for anything but a Nest module class, a Fastify plugin or undefined. */
export function classifyEntry(entry: unknown): Entry {
  if (entry === undefined) return { kind: 'none' };
  if (typeof entry !== 'function') throw invalid(`it is ${describe(entry)}`);
  const role = OTHER_ROLES.find(({ mark }) => Reflect.hasMetadata(mark, entry));
  if (role) throw invalid(`${entry.name} is ${role.name}; export the module that lists it`);
  return isNestModule(entry) ? { kind: 'nest', module: entry } : { kind: 'plugin', plugin: entry as PluginEntry };
}

const OTHER_ROLES = [
  { mark: CONTROLLER_WATERMARK, name: 'a controller' },
  { mark: INJECTABLE_WATERMARK, name: 'a provider' },
  { mark: CATCH_WATERMARK, name: 'an exception filter' },
];

/** `@Module({})` leaves no metadata, but a class cannot be called, so it is no plugin. */
function isNestModule(value: object): value is Type {
  return Object.values(MODULE_METADATA).some((key) => Reflect.hasMetadata(key, value)) || isClass(value);
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}

function invalid(reason: string): NestdockError {
  return new NestdockError('ENTRY_INVALID', `the entry is no Nest module and no Fastify plugin: ${reason}`);
}

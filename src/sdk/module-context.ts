import { Inject } from '@nestjs/common';
import { type Type } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type DataSource } from 'typeorm';
import { type ExportToken } from './module-export.js';
import { type ModuleSettings, type SettingsListener } from './module-settings.js';

/** Writes to the host's log, each line marked with the module's name. */
export interface ModuleLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string | Error, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the host gives a module: to its handlers as an argument, to a Nest entry by `@InjectModuleContext()`. */
export interface ModuleContext {
  readonly module: { readonly name: string; readonly version: string };
  /** Where this host answers, without a slash at the end, such as `http://127.0.0.1:4000`. */
  readonly hostUrl: string;
  readonly logger: ModuleLogger;
  /** Values of the settings that the manifest describes; read them when you need them, as they change while you run. */
  readonly settings: ModuleSettings;
  /** TypeORM on the module's own schema, with the module's own entities. */
  readonly dataSource: DataSource;
  /**
   * A provider of the module's Nest entry, by its token; or what a module exports that this one depends on, by
   * `moduleExport()`. Throws where there is none.
   */
  get<T>(token: Type<T> | ExportToken<T> | string | symbol): T;
  /**
   * Has a function told of each change of the settings, until the module is unloaded.
   * @returns what ends it sooner.
   */
  onSettingsChanged(listener: SettingsListener): () => void;
}

/** Injection token of the {@link ModuleContext}. */
export const MODULE_CONTEXT = Symbol.for('nestdock:module-context');

/** Injects the {@link ModuleContext} into a provider or controller of a Nest entry. */
export const InjectModuleContext = (): ParameterDecorator & PropertyDecorator => Inject(MODULE_CONTEXT);

/** A route of the manifest: what it returns is sent, unless it has used `reply` itself. */
export type RouteHandler = (request: FastifyRequest, reply: FastifyReply, context: ModuleContext) => unknown;

import { type IncomingMessage } from 'node:http';
import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController, type RouteOptions } from 'fastify';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type ModuleScope, runInScope } from '../../common/module-scope.js';
import { toError } from '../../common/to-error.js';
import { type RequestListener } from '../../kernel/index.js';
import { type ModuleContext } from '../../sdk/index.js';
import { abortable } from '../abortable.js';
import { type PluginEntry } from '../entry-kind.js';
import { noteInHand, shareRequests } from './request-in-hand.js';

export interface PluginOptions {
  readonly name: string;
  /** Where the plugin's routes live, such as `/api/v1/m/hello`. */
  readonly prefix: string;
  readonly context: ModuleContext;
  readonly scope: ModuleScope;
  readonly logger: FastifyBaseLogger;
  /** The host's own limits and way of matching paths apply to the plugin. */
  readonly host: FastifyInstance['initialConfig'];
  /** Aborts where the load is given up. */
  readonly expired: AbortSignal;
  /** Takes the secrets of modules out of a text of JSON. */
  readonly redactJson: (json: string) => string;
}

/** A route as the plugin registered it. */
export type PluginRoute = Pick<RouteOptions, 'schema' | 'url'> & { readonly method: string };

const kUnmatched = Symbol('nestdock.unmatched');
type UnmatchedRequest = IncomingMessage & { [kUnmatched]?: () => void };

/**
 * A Fastify plugin on an instance of its own, which never listens: the host hands it raw requests.
 * Errors are answered in Fastify's style, or in that of the plugin's own error handler.
 */
export class DockedPlugin {
  private constructor(
    readonly routes: readonly PluginRoute[],
    readonly listener: RequestListener,
    /** Runs the plugin's `onClose` hooks. */
    readonly close: () => Promise<void>,
  ) {}

  /** @throws COMPOSITION_FAILED where the plugin fails to register. It is closed then. */
  static async open(plugin: PluginEntry, options: PluginOptions): Promise<DockedPlugin> {
    const instance = createInstance(options);
    keepScope(instance, options);
    redactFailures(instance, options);
    shareRequests(instance);
    const routes = collectRoutes(instance);
    handBackUnmatched(instance);
    // In a scope of its own, so that a plugin that skips encapsulation gets the prefix too.
    instance.register(async (scope) => void (await scope.register(plugin, { context: options.context })), {
      prefix: options.prefix,
    });
    const ready = Promise.resolve(instance.ready());
    try {
      await abortable(ready, options.expired);
    } catch (error) {
      const closed = ready.then(close, close);
      closed.catch((cause: unknown) => options.logger.error({ err: cause }, 'closing the plugin failed'));
      if (options.expired.aborted) throw error;
      await closed.catch(() => undefined);
      const reason = toError(error).message;
      throw new NestdockError('COMPOSITION_FAILED', `the plugin ${options.name} failed to register: ${reason}`, {
        cause: error,
      });
    }
    const listener: RequestListener = (request: UnmatchedRequest, response, unmatched, inHand) => {
      request[kUnmatched] = unmatched;
      noteInHand(request, inHand);
      instance.routing(request, response);
    };
    return new DockedPlugin(routes, listener, close);

    async function close(): Promise<void> {
      await instance.close();
    }
  }
}

function createInstance({ logger, host }: PluginOptions): FastifyInstance {
  const { bodyLimit, routerOptions } = host;
  return fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }), // the host logs requests
    pluginTimeout: 0, // the deadline of the load counts
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(routerOptions && { routerOptions: matchingOnly(routerOptions) }),
  });
}

/** The host's constraints are its adapter's own. */
function matchingOnly({ constraints: _, ...matching }: NonNullable<FastifyInstance['initialConfig']['routerOptions']>) {
  return matching;
}

/** What parses a body goes on from the socket's events, and the scope is lost. */
function keepScope(instance: FastifyInstance, { scope: { module, generation } }: PluginOptions): void {
  instance.addHook('preValidation', ({ id }, _reply, done) => runInScope({ module, generation, requestId: id }, done));
}

/** Fastify answers what nobody expected with the error's own words. */
function redactFailures(instance: FastifyInstance, { redactJson }: PluginOptions): void {
  instance.addHook('onSend', (_request, reply, payload, done) => {
    done(null, reply.statusCode >= 500 && typeof payload === 'string' ? redactJson(payload) : payload);
  });
}

function collectRoutes(instance: FastifyInstance): PluginRoute[] {
  const routes: PluginRoute[] = [];
  instance.addHook('onRoute', ({ method, url, schema }) => {
    for (const each of [method].flat()) {
      const followsFromGet = each === 'HEAD' && routes.some((route) => route.url === url && route.method === 'GET');
      if (!followsFromGet) routes.push({ method: each, url, ...(schema && { schema }) });
    }
  });
  return routes;
}

/** Reached where the plugin has no 404 handler for its prefix: the host answers then, as for its own paths. */
function handBackUnmatched(instance: FastifyInstance): void {
  instance.setNotFoundHandler((request, reply) => {
    const { [kUnmatched]: unmatched } = request.raw as UnmatchedRequest;
    if (!unmatched) return void reply.code(404).send({ statusCode: 404, error: 'Not Found', message: 'Not Found' });
    reply.hijack();
    unmatched();
  });
}

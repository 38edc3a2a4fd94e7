import {
  type DynamicModule,
  Inject,
  Injectable,
  type Type,
  type ValueProvider,
  type VersioningOptions,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type FastifyInstance } from 'fastify';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { runInScope } from '../common/module-scope.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { type Undo, UndoStack } from '../common/undo-stack.js';
import { type Capability, type Generation, moduleRoutePrefix, type RequestSurface } from '../kernel/index.js';
import { MODULE_CONTEXT, MODULE_VERSIONING } from '../sdk/index.js';
import { dataBindings } from './data-bindings.js';
import { apiDocumentOf } from './document/api-document.js';
import { classifyEntry, type Entry } from './entry-kind.js';
import { ModuleExports } from './exports/module-exports.js';
import { createManifestController, manifestSource } from './manifest-controller.js';
import { ModuleProviders } from './module-providers.js';
import { type DockedTree } from './nest/docked-tree.js';
import { middlewareRunner } from './nest/middleware-runner.js';
import { NestDock } from './nest/nest-dock.js';
import { RouteEntries } from './nest/route-entries.js';
import { emptyRegistry, Schedules } from './nest/schedules.js';
import { SettingsHooks } from './nest/settings-hooks.js';
import { NestInternals } from './nest-internals.js';
import { DockedPlugin, type PluginRoute } from './plugin/docked-plugin.js';
import { respectSentReplies } from './respect-sent-replies.js';
import { scopedSurface } from './scoped-surface.js';

/** What a module without a Nest entry is composed under. */
class ManifestModule {}

interface Composed {
  readonly routes: RequestSurface['routes'];
  readonly middleware?: RequestSurface['middleware'];
  readonly tree?: DockedTree;
}

/** Makes a module's exports and the routes of its manifest one Nest module, or one Fastify instance, or both. */
@Injectable()
export class CompositionCapability implements Capability {
  readonly name = 'composition';
  readonly isolation = 'inline';
  readonly #schedules = new WeakMap<Generation, () => () => void>();

  constructor(
    private readonly nest: NestInternals,
    private readonly dock: NestDock,
    private readonly providers: ModuleProviders,
    private readonly exports: ModuleExports,
    private readonly secrets: SecretRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws ENTRY_INVALID, COMPOSITION_FAILED or HOOK_FAILED; nothing is left of the generation then. */
  async attach(generation: Generation): Promise<Undo> {
    const undos = new UndoStack();
    try {
      undos.push('the exports', this.exports.open(generation));
      const entry = classifyEntry(generation.part('code').entry);
      const plugin = entry.kind === 'plugin' ? await this.#openPlugin(generation, entry, undos) : undefined;
      const composed = await this.#composeNest(generation, entry, undos);
      this.#provide(generation, composed, plugin);
      return () => unwind(undos, `taking ${generation.id} apart failed`);
    } catch (error) {
      for (const failure of await undos.unwind()) this.logger.error({ module: generation.name, err: failure });
      throw error;
    }
  }

  serve(generation: Generation): () => void {
    const stopExports = this.exports.serve(generation);
    const stopSchedules = runInScope(generation.scope, () => this.#schedules.get(generation)?.());
    return () => {
      stopSchedules?.();
      stopExports();
    };
  }

  async #openPlugin(
    generation: Generation,
    { plugin }: Extract<Entry, { kind: 'plugin' }>,
    undos: UndoStack,
  ): Promise<DockedPlugin> {
    const opened = await DockedPlugin.open(plugin, {
      name: generation.name,
      prefix: moduleRoutePrefix(generation.name),
      context: generation.part('context'),
      scope: generation.scope,
      logger: this.logger.child({ module: generation.name }),
      host: (this.nest.httpAdapter.getInstance() as FastifyInstance).initialConfig,
      expired: generation.expired,
      redactJson: this.secrets.redactJson,
    });
    undos.push('the plugin', opened.close);
    return opened;
  }

  async #composeNest(generation: Generation, entry: Entry, undos: UndoStack): Promise<Composed> {
    const { routes = [] } = generation.release.manifest;
    if (entry.kind !== 'nest' && routes.length === 0) {
      this.exports.offer(generation, undefined);
      return { routes: [] };
    }
    const context = generation.part('context');
    const manifestController =
      routes.length > 0 ? createManifestController(routes, generation.part('code'), context) : undefined;
    const registry = new SchedulerRegistry();
    const settings = new SettingsHooks(generation.part('settings'), (err) =>
      this.logger.error({ module: generation.name, err }, 'What the module does on new settings failed'),
    );
    const tree = await this.dock.dock({
      name: generation.name,
      definition: definitionOf(entry, manifestController),
      prefix: moduleRoutePrefix(generation.name),
      versioning: entry.kind === 'nest' ? versioningOf(entry.module) : undefined,
      bindings: [
        { provide: MODULE_CONTEXT, useValue: context },
        { provide: SchedulerRegistry, useValue: registry },
        ...dataBindings(generation.part('data').dataSource),
      ] satisfies ValueProvider[],
      answer: (tokens) => this.exports.bindings(generation, tokens),
      expired: generation.expired,
    });
    // Taken back last-first: the hooks that run at the end still have the context and the schedules.
    undos.push('the context', this.providers.connect(context, tree));
    undos.push('the schedules', () => emptyRegistry(registry));
    undos.push('the Nest module', async () => throwAll(await this.dock.undock(tree), `${generation.id} did not stop`));
    undos.push('the hooks on settings', settings.end);
    this.exports.offer(generation, tree.root);
    const composed = await this.#surfaceOf(tree, manifestController, generation.expired);
    this.exports.use(generation, this.nest.askedTokens(tree.nestModules)); // middleware is among them only now
    await this.dock.start(tree, generation.expired);
    // The context is a provider too, and what it has under the hook's name is none.
    settings.start(() => this.nest.instancesOf(tree.nestModules).filter((instance) => instance !== context));
    this.#prepareSchedules(generation, tree, registry);
    return { ...composed, tree };
  }

  /** As in a static application, middleware and routes are there before the hooks run. */
  async #surfaceOf(tree: DockedTree, manifestController: Type | undefined, expired: AbortSignal): Promise<Composed> {
    const adapter = this.nest.httpAdapter;
    const middleware = await this.dock.middlewareOf(tree, expired);
    const entries = new RouteEntries(this.nest, tree);
    for (const module of tree.nestModules) {
      entries.addControllersOf(module, adapter, (metatype) => metatype !== manifestController);
    }
    if (manifestController) {
      const replying = respectSentReplies(adapter);
      const isManifest = (metatype: unknown) => metatype === manifestController;
      entries.addControllersOf(tree.root, replying, isManifest, ({ methodName }) => manifestSource(methodName));
    }
    return { routes: entries.toArray(), ...(middleware && { middleware: middlewareRunner(middleware) }) };
  }

  #prepareSchedules(generation: Generation, tree: DockedTree, own: SchedulerRegistry): void {
    const schedules = new Schedules();
    this.nest.exploreSchedules(tree.nestModules, schedules);
    const host = this.nest.hostProvider(SchedulerRegistry);
    if (host) this.#schedules.set(generation, () => schedules.start(host, own, generation.id));
  }

  #provide(generation: Generation, { routes, middleware, tree }: Composed, plugin: DockedPlugin | undefined): void {
    const surface = {
      routes,
      ...(middleware && { middleware }),
      ...(plugin && { plugin: { listener: plugin.listener, routes: plugin.routes.map(shown) } }),
    };
    generation.provide('requests', scopedSurface(surface, generation.scope));
    const documented = { manifest: generation.release.manifest, ...(tree && { tree }), plugin: plugin?.routes ?? [] };
    generation.provide('apiDocument', () => apiDocumentOf(documented, this.nest));
  }
}

/** A fresh object each time: Nest knows a dynamic module by it, and one class may be docked twice. */
function definitionOf(entry: Entry, manifestController: Type | undefined): DynamicModule {
  const controllers = manifestController ? [manifestController] : [];
  return { module: entry.kind === 'nest' ? entry.module : class extends ManifestModule {}, controllers };
}

const versioningOf = (module: Type) => Reflect.getMetadata(MODULE_VERSIONING, module) as VersioningOptions | undefined;

const shown = ({ method, url }: PluginRoute) => ({ method, path: url });

async function unwind(undos: UndoStack, message: string): Promise<void> {
  throwAll(await undos.unwind(), message);
}

function throwAll(failures: readonly Error[], message: string): void {
  if (failures.length > 0) throw new AggregateError(failures, message);
}

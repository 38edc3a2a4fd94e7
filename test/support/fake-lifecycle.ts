import { type Provider } from '@nestjs/common';
import { type OpenAPIObject } from '@nestjs/swagger';
import { ClusterService } from '../../src/cluster/index.js';
import { NestdockError } from '../../src/common/errors/nestdock-error.js';
import { Generation, type ModuleStatus } from '../../src/kernel/index.js';
import {
  ModuleLoaderService,
  ModuleMaintenance,
  ModuleRegistryService,
  ModuleTrialRuns,
  type ModuleView,
} from '../../src/lifecycle/index.js';
import { type Manifest } from '../../src/manifest/index.js';
import { ModuleMigrations } from '../../src/migrations/index.js';
import { DatabaseHealth, type DatabaseHealthReport } from '../../src/persistence/index.js';

type Loader = Pick<
  ModuleLoaderService,
  | 'loadModule'
  | 'unloadModule'
  | 'reloadModule'
  | 'rollBackModule'
  | 'getStats'
  | 'getLoadedModules'
  | 'isReady'
  | 'isStopping'
  | 'isStarved'
>;
type Registry = Pick<ModuleRegistryService, 'list' | 'get' | 'scan' | 'register' | 'validate' | 'forget' | 'purge'>;

/** Modules in memory, behind the interfaces that the admin API calls; every call is written down. */
export class FakeLifecycle {
  readonly calls: string[] = [];
  readonly views = new Map<string, ModuleView>();
  readonly generations: Generation[] = [];
  isReady = true;
  isStopping = false;
  isStarved = false;
  hasCaughtUp = true;
  database: DatabaseHealthReport = { healthy: true, latencyMs: 1 };

  add(name: string, status: ModuleStatus = 'REGISTERED'): void {
    this.views.set(name, moduleView(name, status));
  }

  /** Has a module serve, with this part of the API document. */
  serve(name: string, apiDocument: () => OpenAPIObject): Generation {
    const manifest = manifestOf(name);
    const bundle = { hash: 'b', code: '', map: '', externals: [] };
    const release = {
      name,
      version: '1.0.0',
      manifest,
      folder: `/modules/${name}`,
      digest: 'd',
      bundle,
      migrations: [],
    };
    const generation = new Generation(release, this.generations.length + 1);
    generation.provide('apiDocument', async () => apiDocument());
    this.generations.push(generation);
    return generation;
  }

  get providers(): Provider[] {
    return [
      { provide: ModuleLoaderService, useValue: this.#loader() },
      { provide: ModuleRegistryService, useValue: this.#registry() },
      { provide: ModuleMaintenance, useValue: { release: async (name: string) => this.#get(name) } },
      { provide: ModuleMigrations, useValue: { list: async () => [] } },
      { provide: ClusterService, useValue: this.#cluster() },
      { provide: ModuleTrialRuns, useValue: this.#trialRuns() },
      { provide: DatabaseHealth, useValue: { check: () => Promise.resolve(this.database) } },
    ];
  }

  #cluster(): Pick<
    ClusterService,
    'hasCaughtUp' | 'hosts' | 'rollouts' | 'abandon' | 'converged' | 'settingsConverged'
  > {
    const read = (): this => this;
    return {
      get hasCaughtUp() {
        return read().hasCaughtUp;
      },
      hosts: async () => [],
      rollouts: async () => [],
      abandon: async (name) => void this.calls.push(`abandon ${name}`),
      settingsConverged: async (name, revision) => void this.calls.push(`settings converged ${name} ${revision}`),
      converged: async (name, revision) => void this.calls.push(`converged ${name} ${revision}`),
    };
  }

  #trialRuns(): Pick<ModuleTrialRuns, 'ended' | 'isRunning'> {
    return {
      isRunning: () => this.calls.at(-1)?.includes(' by {') === true,
      ended: async (name) => void this.calls.push(`trial of ${name} ended`),
    };
  }

  #loader(): Loader {
    const read = (): this => this;
    return {
      loadModule: (name, _permissions, { revision } = {}) =>
        this.#become(name, 'enable', 'ENABLED', revision === undefined ? '' : ` at ${revision}`),
      unloadModule: (name, { cascade = false } = {}) =>
        this.#become(name, 'disable', 'DISABLED', cascade ? ' with dependents' : ''),
      reloadModule: (name, { trial } = {}) =>
        this.#become(name, 'reload', 'ENABLED', trial ? ` by ${JSON.stringify(trial)}` : ''),
      rollBackModule: (name, bundle) => this.#become(name, 'roll back', 'ENABLED', ` to ${bundle}`),
      getLoadedModules: () => [...this.generations],
      getStats: () => ({
        modules: this.generations.length,
        states: { active: this.generations.length },
        routes: 0,
        jobs: 0,
        generations: this.generations.length,
        requestsInFlight: 0,
        runsInFlight: 0,
        faults: {},
        leftBehind: {},
        leaking: {},
        eventLoop: { delayMs: { p50: 0, p99: 0, max: 0 }, utilization: 0, isStarved: false },
        memory: { rssBytes: 1, heapUsedBytes: 1 },
        blocked: {},
      }),
      get isReady() {
        return read().isReady;
      },
      get isStarved() {
        return read().isStarved;
      },
      get isStopping() {
        return read().isStopping;
      },
    };
  }

  #registry(): Registry {
    return {
      list: async ({ status } = {}) => {
        const items = [...this.views.values()].filter((view) => !status || view.status === status);
        return { items, total: items.length, nextCursor: null };
      },
      get: async (name) => this.#get(name),
      scan: async () => {
        this.calls.push('scan');
        return { registered: ['new'], updated: [], missing: [], invalid: [] };
      },
      register: async (path) => {
        this.calls.push(`register ${path}`);
        return moduleView('registered', 'REGISTERED');
      },
      validate: async (input) => {
        this.calls.push(`validate ${JSON.stringify(input)}`);
        return { valid: false, problems: [{ code: 'MANIFEST_REQUIRED', message: 'name is missing', pointer: '' }] };
      },
      forget: async (name) => this.#remove(name, 'forget'),
      purge: async (name) => this.#remove(name, 'purge'),
    };
  }

  async #become(name: string, call: string, status: ModuleStatus, how = ''): Promise<ModuleView> {
    const view = { ...this.#get(name), status };
    this.calls.push(`${call} ${name}${how}`);
    this.views.set(name, view);
    return view;
  }

  #remove(name: string, call: string): void {
    if (this.#get(name).status === 'ENABLED') throw new NestdockError('MODULE_ENABLED', `${name} is enabled`);
    this.calls.push(`${call} ${name}`);
    this.views.delete(name);
  }

  #get(name: string): ModuleView {
    const view = this.views.get(name);
    if (!view) throw new NestdockError('MODULE_NOT_FOUND', `no module is named "${name}"`);
    return view;
  }
}

const manifestOf = (name: string): Manifest => ({
  name,
  version: '1.0.0',
  displayName: name.toUpperCase(),
  description: `the ${name} module`,
  author: 'somebody',
});

const moduleView = (name: string, status: ModuleStatus): ModuleView => ({
  name,
  version: '1.0.0',
  displayName: name.toUpperCase(),
  description: `the ${name} module`,
  status,
  state: 'idle',
  revision: 1,
  error: null,
  routes: [],
  jobs: [],
  bundle: null,
  release: null,
  path: `/modules/${name}`,
  permissions: [],
  grantedPermissions: null,
  isolation: 'inline',
  isolationOverride: null,
  quarantine: null,
  incidents: { crashes: 0, timeouts: 0, errors: 0 },
  generation: null,
  loadedAt: null,
  manifest: manifestOf(name),
});

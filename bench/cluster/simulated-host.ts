import { type DataSource } from 'typeorm';
import { ClusterNotices } from '../../src/cluster/cluster-notices.js';
import { Membership } from '../../src/cluster/membership.js';
import { Reconciler } from '../../src/cluster/reconciler.js';
import { Semaphore } from '../../src/common/semaphore.js';
import { DependencyRecords } from '../../src/lifecycle/dependency-records.js';
import { type ModuleProgress } from '../../src/lifecycle/index.js';
import { type HostDatabase, Module } from '../../src/persistence/index.js';

const QUIET = { subscribe: () => () => undefined, publish: () => undefined };
const NO_SETTINGS = { revisionOf: () => 0, onRefreshed: () => undefined };

/** The parts of a host that follow the database, for real, around modules that load at once. Asks what a real one asks. */
export class SimulatedHost {
  readonly notices: ClusterNotices;
  readonly membership: Membership;
  readonly #reconciler: Reconciler;
  readonly #progress = new Map<string, ModuleProgress>();
  readonly #dependencies: DependencyRecords;
  /** Notices that it has heard. */
  heard = 0;

  constructor(
    database: HostDatabase,
    private readonly dataSource: DataSource,
  ) {
    this.notices = new ClusterNotices(database, fail);
    this.membership = new Membership(database, { hostTtlMs: 5_000 }, fail);
    this.#dependencies = new DependencyRecords(dataSource);
    const loader = {
      progress: () => [...this.#progress.values()],
      follow: (names: readonly string[], onFollowed: (name: string) => void) => this.#follow(names, onFollowed),
    };
    this.#reconciler = new Reconciler(database, this.membership, this.notices, loader, NO_SETTINGS, QUIET, fail);
    for (const topic of ['module', 'rollout', 'progress'] as const) this.notices.on(topic, () => this.heard++);
  }

  async join(): Promise<void> {
    this.#reconciler.start();
    await this.notices.open();
    await this.membership.join('http://simulated', () => undefined);
    await this.#reconciler.catchUp();
  }

  async leave(): Promise<void> {
    this.#reconciler.stop();
    await this.notices.close();
    await this.membership.leave();
  }

  async #follow(names: readonly string[], onFollowed: (name: string) => void): Promise<void> {
    await this.#dependencies.all();
    // A host of its own has as many connections.
    const places = new Semaphore(10);
    await Promise.all(
      names.map(async (name) => {
        const leave = await places.acquire();
        const row = await this.dataSource.getRepository(Module).findOneByOrFail({ name }).finally(leave);
        const { revision, release } = row;
        this.#progress.set(name, {
          module: name,
          state: 'active',
          revision,
          seenRevision: revision,
          generation: revision,
          release,
          error: null,
        });
        onFollowed(name);
      }),
    );
  }
}

function fail(error: unknown): void {
  throw error instanceof Error ? error : new Error(String(error));
}

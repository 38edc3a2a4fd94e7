import { type ClusterNotices } from './cluster-notices.js';
import { type ClusterState, type HostView, type RolloutView } from './cluster-state.js';
import { type HostFence } from './host-fence.js';
import { type Membership } from './membership.js';
import { type Reconciler } from './reconciler.js';
import { type RolloutFollower } from './rollout-follower.js';
import { type TrialFollower } from './trial-follower.js';

/** A notice may be lost where a connection breaks: nobody is behind for longer (ms). */
const LOOK_EVERY_MS = 5_000;

export interface ClusterParts {
  readonly notices: ClusterNotices;
  readonly membership: Membership;
  readonly reconciler: Reconciler;
  readonly follower: RolloutFollower;
  readonly trials: TrialFollower;
  readonly fence: HostFence;
  readonly state: ClusterState;
  /** Whether no other host can be there. */
  readonly isAlone: boolean;
}

/** This host's part in the cluster: from its first sign of life to its leave. */
export class ClusterService {
  #hasCaughtUp = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ClusterParts) {}

  /** Whether this host serves what all others do: true from the end of {@link start}. */
  get hasCaughtUp(): boolean {
    return this.#hasCaughtUp && !this.parts.fence.isUp;
  }

  /** To be called once the host listens, before it loads anything: what is changed from now on is heard. */
  async join(address: string): Promise<void> {
    const { notices, membership, reconciler, follower, trials } = this.parts;
    reconciler.start();
    follower.start();
    trials.start();
    notices.onOpen(() => this.#look());
    // On a host alone nobody else changes anything.
    if (!this.parts.isAlone) this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    await notices.open();
    await membership.join(address, () => reconciler.retell());
  }

  /** To be called once the enabled modules were tried: follows what has changed meanwhile. */
  async catchUp(): Promise<void> {
    await this.parts.reconciler.catchUp();
    this.parts.follower.look();
    this.parts.fence.start();
    this.#hasCaughtUp = true;
  }

  /** Nobody waits for this host from now on; it serves until it is taken down. */
  async leave(): Promise<void> {
    const { notices, membership, reconciler, trials, fence } = this.parts;
    clearInterval(this.#timer);
    fence.stop();
    reconciler.stop();
    await trials.stop();
    await notices.close();
    await membership.leave();
  }

  async hosts(): Promise<HostView[]> {
    await this.#noteOwn();
    return this.parts.state.hosts();
  }

  /** What is being brought to the hosts. */
  rollouts(): Promise<RolloutView[]> {
    return this.parts.state.rollouts();
  }

  /**
   * Has all hosts give up what is being brought to them of a module.
   * @throws {NestdockError} ROLLOUT_UNKNOWN
   */
  abandon(module: string): Promise<void> {
    return this.parts.state.abandon(module);
  }

  /**
   * Resolves once every live host has made true what a module's row says by a revision.
   * @throws {NestdockError} CLUSTER_NOT_CONVERGED
   */
  async converged(module: string, revision: number): Promise<void> {
    await this.#noteOwn();
    await this.parts.state.converged(module, revision);
  }

  /**
   * Resolves once the module has these settings on every live host that serves it.
   * @throws {NestdockError} CLUSTER_NOT_CONVERGED
   */
  async settingsConverged(module: string, revision: number): Promise<void> {
    await this.#noteOwn();
    await this.parts.state.settingsConverged(module, revision);
  }

  #look(): void {
    this.parts.reconciler.look();
    this.parts.follower.look();
  }

  /** A host alone hears no notices: what it has done itself is written down when somebody asks. */
  async #noteOwn(): Promise<void> {
    if (this.parts.isAlone) await this.parts.reconciler.catchUp();
  }
}

import {
  attachGeneration,
  type Capability,
  type Deadlines,
  Generation,
  type LoadedGeneration,
  type ModuleState,
  type ModuleTerms,
  type Release,
  type TrialShare,
} from '../kernel/index.js';
import { assertCanMove } from './module-transitions.js';

export interface StateChange {
  readonly module: string;
  readonly from: ModuleState;
  readonly to: ModuleState;
}

export interface ModuleLifecycleOptions {
  readonly capabilities: readonly Capability[];
  readonly deadlines: Deadlines;
  /** Called after each change of state, and only then. */
  readonly onChange: (change: StateChange) => void;
  /** Told that the code of a generation is about to run. @returns what is called once its load has ended */
  readonly onAttach?: (generation: Generation) => () => void;
  /** Told what went wrong where nobody waits any more. */
  readonly onLateFailure: (moduleName: string, error: unknown) => void;
}

/** Called once a trial is over. @param gone settles once nothing of it is left, or it serves all */
export type OnTrialEnd = (gone: Promise<void>) => void;

interface OnTrial {
  readonly loaded: LoadedGeneration;
  readonly onEnd: OnTrialEnd;
}

/** What is to be loaded, and on what terms. */
export interface Prepared {
  readonly release: Release;
  readonly terms: ModuleTerms;
}

/** Reads and compiles the module's folder as it is now. */
export type Prepare = () => Promise<Prepared>;

/** Writes to the database what is true once this generation serves. Where it rejects, the generation never serves. */
export type Commit = (generation: Generation) => Promise<void>;

/**
 * One module on this host.
 *
 * It is `idle` while nothing of it is loaded. `loading`, its release is built and its capabilities are attached
 * unseen. `active`, one generation serves; a reload attaches the next beside it, and the state stays `active`
 * throughout, as it never stops serving; one on trial serves a share beside the one that serves the rest. `draining`,
 * intake has stopped, and requests and runs in flight finish before everything is taken back. `failed`, it should be
 * active, but a load went wrong; it will be tried again. `quarantined`, it was taken out for what it did.
 *
 * Callers take care that no two operations run at once (see OperationQueue); what could not be waited for,
 * the draining of a replaced generation, is the lifecycle's own.
 */
export class ModuleLifecycle {
  #state: ModuleState = 'idle';
  #serving: LoadedGeneration | undefined;
  #trial: OnTrial | undefined;
  #generations = 0;
  #restarting = false;
  /** What still drains, and when it has. */
  readonly #retiring = new Map<LoadedGeneration, Promise<Error[]>>();

  constructor(
    readonly name: string,
    private readonly options: ModuleLifecycleOptions,
  ) {}

  get state(): ModuleState {
    return this.#state;
  }

  /** Whether what drains now makes room for the next generation: requests may come back in a moment. */
  get isRestarting(): boolean {
    return this.#restarting;
  }

  get serving(): Generation | undefined {
    return this.#serving?.generation;
  }

  /** It serves a share beside the one that serves the rest. */
  get trial(): Generation | undefined {
    return this.#trial?.loaded.generation;
  }

  get loadedAt(): Date | undefined {
    return this.#serving?.loadedAt;
  }

  /** Those that hold memory: the one that serves, the one on trial, then those still draining. */
  get generations(): Generation[] {
    const live = [this.#serving, this.#trial?.loaded].filter((loaded) => loaded !== undefined);
    return [...live, ...this.#retiring.keys()].map(({ generation }) => generation);
  }

  /** @param otherwise the state to be in where the load fails. */
  async load(prepare: Prepare, commit: Commit, otherwise: 'idle' | 'failed'): Promise<Generation> {
    this.#moveTo('loading');
    try {
      const loaded = await this.#attach(await prepare());
      await this.#commit(loaded, commit);
      return this.#serve(loaded);
    } catch (error) {
      this.#moveTo(otherwise);
      throw error;
    }
  }

  /** Loads beside the generation that serves, swaps, and drains the old one behind the caller's back. */
  async replace(prepare: Prepare, commit: Commit): Promise<Generation> {
    this.#required();
    const loaded = await this.#attach(await prepare());
    await this.#commit(loaded, commit);
    return this.#succeed(loaded);
  }

  /**
   * Loads beside the generation that serves, and gives the new one a share.
   * @param onEnd called once that is over, also where it comes to serve all
   */
  async tryOut(prepare: Prepare, commit: Commit, share: TrialShare, onEnd: OnTrialEnd): Promise<void> {
    this.#required();
    this.endTrial();
    const loaded = await this.#attach(await prepare());
    await this.#commit(loaded, commit);
    this.#trial = { loaded, onEnd };
    try {
      loaded.tryOut(share);
    } catch (error) {
      this.endTrial();
      throw error;
    }
  }

  /** The generation on trial serves all; where that must not be, the trial is over. */
  async promote(commit: Commit): Promise<void> {
    const trial = this.#trial;
    if (!trial) throw new Error(`${this.name} has nothing on trial`);
    try {
      await commit(trial.loaded.generation);
    } catch (error) {
      this.endTrial();
      throw error;
    }
    this.#trial = undefined;
    this.#succeed(trial.loaded);
    trial.onEnd(Promise.resolve());
  }

  /** The generation that serves gets its share back; the one on trial drains behind the caller's back. */
  endTrial(): void {
    const trial = this.#trial;
    if (!trial) return;
    this.#trial = undefined;
    trial.onEnd(this.#retire(trial.loaded).then((failures) => this.#report(failures)));
  }

  /**
   * Drains the generation that serves before the next one is attached, for modules whose generations must never
   * meet. Where the next one fails, the old release is attached again.
   */
  async restart(prepare: Prepare, commit: Commit): Promise<Generation> {
    const { release, terms } = this.#required().generation;
    const next = await prepare();
    this.#restarting = true;
    try {
      this.#report(await this.#stop());
      return await this.load(() => Promise.resolve(next), commit, 'idle');
    } catch (error) {
      await this.load(() => Promise.resolve({ release, terms }), commit, 'failed');
      throw error;
    } finally {
      this.#restarting = false;
    }
  }

  /** Takes the module out, for what it did: intake stops at once. Resolves once nothing of it is left. */
  async quarantine(): Promise<void> {
    const loaded = this.#required();
    this.endTrial();
    this.#serving = undefined;
    this.#moveTo('quarantined');
    this.#report(await this.#retire(loaded));
  }

  /** It was taken out before, and is not loaded. */
  hold(): void {
    if (this.#state !== 'quarantined') this.#moveTo('quarantined');
  }

  /** Resolves once nothing of the module is left; rejects, all the same idle, with what could not be taken back. */
  async unload(): Promise<void> {
    if (this.#state === 'failed' || this.#state === 'quarantined') return this.#moveTo('idle');
    const failures = await this.#stop();
    await Promise.all(this.#retiring.values());
    if (failures.length > 0) throw new AggregateError(failures, `${this.name}: not all of it could be taken back`);
  }

  async #stop(): Promise<Error[]> {
    const loaded = this.#required();
    this.endTrial();
    this.#moveTo('draining');
    this.#serving = undefined;
    const failures = await this.#retire(loaded);
    this.#moveTo('idle');
    return failures;
  }

  /** In place of the one that serves, without a moment in between. */
  #succeed(loaded: LoadedGeneration): Generation {
    const old = this.#required();
    this.endTrial();
    this.#serving = loaded;
    loaded.serve();
    old.stopIntake();
    void this.#retire(old).then((failures) => this.#report(failures));
    return loaded.generation;
  }

  #retire(loaded: LoadedGeneration): Promise<Error[]> {
    const retiring = loaded.retire().finally(() => this.#retiring.delete(loaded));
    this.#retiring.set(loaded, retiring);
    return retiring;
  }

  async #attach({ release, terms }: Prepared): Promise<LoadedGeneration> {
    const { capabilities, deadlines, onLateFailure } = this.options;
    const generation = new Generation(release, ++this.#generations, terms);
    const ended = this.options.onAttach?.(generation);
    try {
      return await attachGeneration(generation, capabilities, deadlines, (error) => onLateFailure(this.name, error));
    } finally {
      ended?.();
    }
  }

  async #commit(loaded: LoadedGeneration, commit: Commit): Promise<void> {
    try {
      await commit(loaded.generation);
    } catch (error) {
      this.#report(await loaded.discard());
      throw error;
    }
  }

  #serve(loaded: LoadedGeneration): Generation {
    this.#serving = loaded;
    loaded.serve();
    this.#moveTo('active');
    return loaded.generation;
  }

  #required(): LoadedGeneration {
    assertCanMove(this.name, this.#state, 'draining');
    return this.#serving as LoadedGeneration;
  }

  #report(failures: readonly Error[]): void {
    for (const failure of failures) this.options.onLateFailure(this.name, failure);
  }

  /** The only writer of the state. */
  #moveTo(to: ModuleState): void {
    const from = this.#state;
    assertCanMove(this.name, from, to);
    this.#state = to;
    this.options.onChange({ module: this.name, from, to });
  }
}

import { type ApplicationEnhancer, type NestInternals, type NestModuleRef } from '../nest-internals.js';
import { runStartHook, runStopHook, type StartHook, type StopHook } from './lifecycle-hooks.js';

/**
 * One Nest module in the container, held by every generation that imports it. Each step of its life happens once:
 * the first who needs it takes it, and whoever needs it too waits for the same outcome. So a module that hangs
 * holds up only those that import it.
 */
export class HeldModule {
  readonly owners = new Set<object>();
  readonly #steps = new Map<string, Promise<unknown>>();
  #onRemoved: (() => void) | undefined;
  #removal: Promise<void> | undefined;

  constructor(
    readonly module: NestModuleRef,
    private readonly nest: NestInternals,
    readonly enhancers: readonly ApplicationEnhancer[],
  ) {}

  build(): Promise<void> {
    return this.#once('build', () => this.nest.createInstances(this.module));
  }

  /** Settles as the build does that was begun; at once where none was. */
  get built(): Promise<unknown> {
    return this.#steps.get('build') ?? Promise.resolve();
  }

  start(hook: StartHook): Promise<void> {
    return this.#once(hook, () => runStartHook(this.nest.hookTargets(this.module), hook));
  }

  stop(hook: StopHook, signal?: string): Promise<Error[]> {
    return this.#once(hook, () => runStopHook(this.nest.hookTargets(this.module), hook, signal));
  }

  /** Resolves once a module that nobody owns any more is out of the container; undefined while it is to be had. */
  get removal(): Promise<void> | undefined {
    return this.#removal;
  }

  beginRemoval(): void {
    this.#removal = new Promise((resolve) => {
      this.#onRemoved = resolve;
    });
  }

  endRemoval(): void {
    this.#onRemoved?.();
  }

  #once<T>(step: string, run: () => Promise<T>): Promise<T> {
    const taken = this.#steps.get(step) as Promise<T> | undefined;
    if (taken) return taken;
    const outcome = run();
    outcome.catch(() => undefined); // whoever waits sees it fail; it may have been given up
    this.#steps.set(step, outcome);
    return outcome;
  }
}

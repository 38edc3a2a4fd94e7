import { checkpoint } from '../common/checkpoint.js';
import { withDeadline } from '../common/deadline.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { runInScope } from '../common/module-scope.js';
import { UndoStack } from '../common/undo-stack.js';
import { type Capability } from './capability.js';
import { type Generation } from './generation.js';
import { type TrialShare } from './trial-share.js';

export interface Deadlines {
  /** Milliseconds for attaching everything; the same again for each undo. */
  readonly loadTimeoutMs: number;
  /** Milliseconds that requests and runs in flight have to finish. */
  readonly drainTimeoutMs: number;
}

/** A generation with all of its capabilities attached: how it begins to serve, stops, drains and is taken back. */
export class LoadedGeneration {
  #stops: (() => void)[] = [];

  constructor(
    readonly generation: Generation,
    readonly loadedAt: Date,
    private readonly capabilities: readonly Capability[],
    private readonly undos: UndoStack,
    private readonly deadlines: Deadlines,
  ) {}

  /** Synchronous, so that no request sees half of it. */
  serve(): void {
    const trial = this.#stops.splice(0);
    for (const capability of this.capabilities) {
      const stop = capability.serve?.(this.generation);
      if (stop) this.#stops.push(stop);
    }
    // What it had on trial is part of what it has now.
    for (const stop of trial) stop();
    checkpoint('served', this.generation.name);
  }

  /** Serves a share, beside the generation that serves the rest. */
  tryOut(share: TrialShare): void {
    for (const capability of this.capabilities) {
      const stop = capability.tryOut?.(this.generation, share);
      if (stop) this.#stops.push(stop);
    }
  }

  stopIntake(): void {
    for (const stop of this.#stops.splice(0).reverse()) stop();
  }

  /**
   * Lets what is in flight finish up to the deadline, then takes everything back.
   * @returns what could not be taken back.
   */
  async retire(): Promise<Error[]> {
    this.stopIntake();
    await this.#drain();
    checkpoint('drained', this.generation.name);
    return this.discard();
  }

  /** Takes everything back at once. */
  async discard(): Promise<Error[]> {
    this.generation.expire();
    const failures = await this.undos.unwind();
    this.generation.clear();
    checkpoint('unloaded', this.generation.name);
    return failures;
  }

  async #drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.deadlines.drainTimeoutMs);
    });
    await Promise.race([this.generation.inFlight.idle(), deadline]);
    clearTimeout(timer);
  }
}

/**
 * Attaches those of the capabilities that are for the generation's isolation, in order. Where one fails or the deadline passes, those before it are taken back.
 * @param onLateFailure told what went wrong in work that was given up at the deadline.
 */
export async function attachGeneration(
  generation: Generation,
  capabilities: readonly Capability[],
  deadlines: Deadlines,
  onLateFailure: (error: unknown) => void,
): Promise<LoadedGeneration> {
  const undos = new UndoStack();
  const own = capabilities.filter(({ isolation = generation.isolation }) => isolation === generation.isolation);
  const loaded = new LoadedGeneration(generation, new Date(), own, undos, deadlines);
  let end = performance.now() + deadlines.loadTimeoutMs;
  try {
    for (const capability of own) {
      const begin = performance.now();
      const { attachTimeoutMs: ownMs } = capability;
      const attaching = Promise.resolve().then(() => runInScope(generation.scope, () => capability.attach(generation)));
      const late = () => lateError(generation, capability, ownMs ?? deadlines.loadTimeoutMs, attaching, onLateFailure);
      const undo = await withDeadline(attaching, ownMs ?? Math.max(0, end - begin), late);
      if (ownMs !== undefined) end += performance.now() - begin;
      undos.push(capability.name, () =>
        withDeadline(
          Promise.resolve().then(() => runInScope(generation.scope, undo)),
          deadlines.loadTimeoutMs,
          () => new Error(`it took over ${deadlines.loadTimeoutMs} ms`),
        ),
      );
      checkpoint(`attached:${capability.name}`, generation.name);
    }
    return loaded;
  } catch (error) {
    for (const failure of await loaded.discard()) onLateFailure(failure);
    throw error;
  }
}

/** The work goes on without us: once it ends, it is taken back where it succeeded after all. */
function lateError(
  generation: Generation,
  capability: Capability,
  ms: number,
  attaching: ReturnType<Capability['attach']>,
  onLateFailure: (error: unknown) => void,
): NestdockError {
  generation.expire();
  Promise.resolve(attaching)
    .then((undo) => undo())
    .catch(onLateFailure);
  return new NestdockError('LOAD_TIMEOUT', `loading ${generation.name} took over ${ms} ms, in "${capability.name}"`, {
    extensions: { step: capability.name },
  });
}

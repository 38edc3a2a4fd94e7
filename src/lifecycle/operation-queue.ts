interface PendingOperation {
  readonly kind: string;
  readonly outcome: Promise<unknown>;
}

/**
 * The operations on one module, one at a time in the order of the calls. A call of the kind that was asked for last
 * and has not ended joins it: the second caller sees the real outcome.
 */
export class OperationQueue {
  #last: PendingOperation | undefined;

  run<T>(kind: string, operation: () => Promise<T>): Promise<T> {
    if (this.#last?.kind === kind) return this.#last.outcome as Promise<T>;
    const previous = this.#last?.outcome ?? Promise.resolve();
    const outcome = previous.then(operation, operation);
    const pending: PendingOperation = { kind, outcome };
    this.#last = pending;
    const settle = () => {
      if (this.#last === pending) this.#last = undefined;
    };
    outcome.then(settle, settle);
    return outcome;
  }
}

import { type Context, createContext, Script } from 'node:vm';
import { Injectable } from '@nestjs/common';

type Outcome<T> = { readonly value: T } | { readonly thrown: unknown };

/**
 * Ends a synchronous call that takes too long, which only V8 itself can: an endless loop at the top level of a
 * module must not hang the host. The limit holds for whatever a script calls, so one script in one context of its
 * own serves every call; the code that is called stays in its realm.
 */
@Injectable()
export class TimeLimitedCall {
  readonly #sandbox: { call: (() => void) | undefined } = { call: undefined };
  readonly #context: Context = createContext(this.#sandbox);
  readonly #script = new Script('call()', { filename: 'nestdock:time-limit' });

  /**
   * @param ms must be a positive integer
   * @throws what the task throws, or an error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT`.
   */
  run<T>(task: () => T, ms: number): T {
    let outcome: Outcome<T> | undefined;
    this.#sandbox.call = () => {
      outcome = attempt(task);
    };
    try {
      this.#script.runInContext(this.#context, { timeout: ms, displayErrors: false });
    } finally {
      this.#sandbox.call = undefined;
    }
    return resultOf(outcome);
  }
}

/** What is thrown is carried past the script, which would write itself into the stack. */
function attempt<T>(task: () => T): Outcome<T> {
  try {
    return { value: task() };
  } catch (thrown) {
    return { thrown };
  }
}

function resultOf<T>(outcome: Outcome<T> | undefined): T {
  if (!outcome) throw new Error('the script ended without calling');
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome.value;
}

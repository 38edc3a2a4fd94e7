/** Takes back what one step has done. Called once at most. */
export type Undo = () => void | Promise<void>;

/** The steps that were done, taken back last-first. A step that fails to be taken back does not stop the others. */
export class UndoStack {
  readonly #steps: { readonly name: string; readonly undo: Undo }[] = [];

  get size(): number {
    return this.#steps.length;
  }

  push(name: string, undo: Undo): void {
    this.#steps.push({ name, undo });
  }

  /**
   * Runs the undos last-first and empties the stack.
   * @returns what failed, a wrapped error for each, in the order of running.
   */
  async unwind(): Promise<Error[]> {
    const failures: Error[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (cause) {
        failures.push(new Error(`undoing "${step.name}" failed`, { cause }));
      }
    }
    return failures;
  }
}

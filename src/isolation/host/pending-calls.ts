/** The calls to a process that it has not answered yet, by their number. */
export class PendingCalls<Context> {
  readonly #calls = new Map<
    number,
    { context: Context; resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #last = 0;

  /** @param ask sends the call with its number */
  make(context: Context, ask: (id: number) => void): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = ++this.#last;
    const answer = new Promise<unknown>((resolve, reject) => this.#calls.set(id, { context, resolve, reject }));
    ask(id);
    return { id, answer };
  }

  contextOf(id: number): Context | undefined {
    return this.#calls.get(id)?.context;
  }

  return(id: number, value: unknown): void {
    this.#calls.get(id)?.resolve(value);
    this.#calls.delete(id);
  }

  throw(id: number, error: Error): void {
    this.#calls.get(id)?.reject(error);
    this.#calls.delete(id);
  }

  /** Nobody will answer any more. */
  throwAll(error: Error): void {
    for (const id of [...this.#calls.keys()]) this.throw(id, error);
  }
}

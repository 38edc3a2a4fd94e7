import { Injectable } from '@nestjs/common';

interface Unloaded {
  readonly module: string;
  readonly code: WeakRef<object>;
  /** Collections of the whole heap since it was unloaded. */
  collections: number;
}

/** Collections after which whatever can go has gone: what weak references and finalizers hold takes more than one. */
const COLLECTIONS = 3;

/** Knows which generations are gone and their code is not: something still holds it. */
@Injectable()
export class UnloadedCode {
  readonly #unloaded = new Set<Unloaded>();
  /**
   * What nobody holds is finalized by the first collection of the whole heap that has begun after it was made; so that
   * tells of one, and costs nothing in between.
   */
  readonly #collections = new FinalizationRegistry<Unloaded>((unloaded) => this.#collected(unloaded));

  /** @param code refers to what nothing but the code of the generation holds */
  watch(module: string, code: WeakRef<object>): void {
    const unloaded = { module, code, collections: 0 };
    this.#unloaded.add(unloaded);
    this.#awaitCollection(unloaded);
  }

  /** By module, how many of its generations leak now; those without are left out. */
  leaking(): Readonly<Record<string, number>> {
    const counts = new Map<string, number>();
    for (const unloaded of this.#unloaded) {
      if (unloaded.code.deref() === undefined) this.#unloaded.delete(unloaded);
      else if (unloaded.collections >= COLLECTIONS) counts.set(unloaded.module, (counts.get(unloaded.module) ?? 0) + 1);
    }
    return Object.fromEntries(counts);
  }

  #awaitCollection(unloaded: Unloaded): void {
    this.#collections.register({}, unloaded);
  }

  #collected(unloaded: Unloaded): void {
    unloaded.collections++;
    if (unloaded.code.deref() === undefined) this.#unloaded.delete(unloaded);
    else if (unloaded.collections < COLLECTIONS) this.#awaitCollection(unloaded);
  }
}

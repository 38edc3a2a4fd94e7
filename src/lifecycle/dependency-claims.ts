import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleStatus } from '../kernel/index.js';
import { pathText } from './dependency-graph.js';

interface Claim {
  readonly holders: Set<string>;
  /** What the module was before it was enabled for its holders alone. */
  provisional: ModuleStatus | undefined;
}

/** A module that was enabled for an operation which has failed: it goes back to what it was. */
export interface GivenBack {
  readonly name: string;
  readonly status: ModuleStatus;
}

/**
 * What the operations in flight on this host rely on. An operation that enables a module (its holder, one for each
 * name at a time) claims all that the module needs: none of it is disabled meanwhile. What was enabled for such
 * operations alone is given back once the last of them has failed.
 */
export class DependencyClaims {
  readonly #claims = new Map<string, Claim>();
  /** What each holder claims, in the order of its claims. */
  readonly #held = new Map<string, Set<string>>();

  /**
   * @param names each after what it needs itself
   * @throws DEPENDENCY_CYCLE where what is claimed is an operation that waits for this one: two manifests have changed
   * at once, and each operation has seen but one of the changes.
   */
  claim(holder: string, names: readonly string[]): void {
    for (const name of names) {
      const path = this.#path(name, holder);
      if (!path) continue;
      const detail = `modules need each other in a circle: ${pathText([holder, ...path])}`;
      throw new NestdockError('DEPENDENCY_CYCLE', detail);
    }
    const held = this.#held.get(holder) ?? new Set();
    this.#held.set(holder, held);
    for (const name of names) {
      held.delete(name); // the later claim knows the order better
      held.add(name);
      this.#of(name).holders.add(holder);
    }
  }

  /** The module was enabled for those who hold it. @param previous what it was before */
  enabledFor(name: string, previous: ModuleStatus): void {
    const claim = this.#of(name);
    claim.provisional ??= previous;
  }

  /** Somebody wants the module for its own sake. */
  keep(name: string): void {
    const claim = this.#claims.get(name);
    if (claim) claim.provisional = undefined;
  }

  /** The modules being enabled that need this one. */
  holdersOf(name: string): string[] {
    return [...(this.#claims.get(name)?.holders ?? [])].sort();
  }

  /**
   * The operation has ended.
   * @returns what nobody needs any more, where it has failed: each before what it needs itself.
   */
  release(holder: string, outcome: 'succeeded' | 'failed'): GivenBack[] {
    const held = [...(this.#held.get(holder) ?? [])].reverse();
    this.#held.delete(holder);
    return held.flatMap((name) => {
      const claim = this.#of(name);
      claim.holders.delete(holder);
      // One that was enabled for others goes on only where they do: what it needs shares its fate.
      if (outcome === 'succeeded' && this.holdersOf(holder).length === 0) claim.provisional = undefined;
      if (claim.holders.size > 0) return [];
      this.#claims.delete(name);
      return claim.provisional ? [{ name, status: claim.provisional }] : [];
    });
  }

  #of(name: string): Claim {
    const known = this.#claims.get(name) ?? { holders: new Set<string>(), provisional: undefined };
    this.#claims.set(name, known);
    return known;
  }

  /** From one holder by way of what it claims to another. */
  #path(from: string, to: string, seen = new Set<string>()): string[] | undefined {
    if (from === to) return [to];
    seen.add(from);
    for (const name of this.#held.get(from) ?? []) {
      if (seen.has(name)) continue;
      const rest = this.#path(name, to, seen);
      if (rest) return [from, ...rest];
    }
    return undefined;
  }
}

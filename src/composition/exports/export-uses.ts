import { type Generation } from '../../kernel/index.js';

/** Which exports of which modules the generations on this host use. */
export class ExportUses {
  readonly #uses = new Map<Generation, Map<string, Set<string>>>();

  begin(dependent: Generation): void {
    this.#uses.set(dependent, new Map());
  }

  /** Nothing is added for a generation that is gone. */
  add(dependent: Generation, moduleName: string, key: string): void {
    const modules = this.#uses.get(dependent);
    const keys = modules?.get(moduleName);
    if (keys) keys.add(key);
    else modules?.set(moduleName, new Set([key]));
  }

  end(dependent: Generation): void {
    this.#uses.delete(dependent);
  }

  /** By dependent, the keys of a module's exports that it uses. */
  of(moduleName: string): { readonly dependent: string; readonly keys: readonly string[] }[] {
    return [...this.#uses].flatMap(([{ name }, modules]) => {
      const keys = modules.get(moduleName);
      return keys ? [{ dependent: name, keys: [...keys].sort() }] : [];
    });
  }
}

/** What a generation's code has of Node, in place of what the host itself has. */
export interface NodeApi {
  /** By name, what its code finds in place of globals. */
  readonly globals: Readonly<Record<string, unknown>>;
  /**
   * What `require` answers for one of Node's own modules.
   * @param name without `node:`
   * @param original what it would answer otherwise
   */
  builtin(name: string, original: unknown): unknown;
}

/**
 * The global that a bundle's code holds and nothing else does: once what it stands for has been collected, nothing is
 * left of the code.
 */
export const CODE_MARK = '__nestdock_code__';

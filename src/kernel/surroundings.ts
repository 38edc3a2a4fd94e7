/** What a generation's code finds around it, in place of what the host's own code does. */
export interface Surroundings {
  /** By name, what it finds in place of globals. */
  readonly globals: Readonly<Record<string, unknown>>;
  /**
   * What `require` answers for one of Node's own modules, or of the host's packages.
   * @param specifier without `node:`
   * @param original what it would answer otherwise
   */
  required(specifier: string, original: unknown): unknown;
}

/**
 * The global that a bundle's code holds and nothing else does: once what it stands for has been collected, nothing is
 * left of the code.
 */
export const CODE_MARK = '__nestdock_code__';

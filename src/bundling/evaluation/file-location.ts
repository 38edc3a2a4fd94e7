/** Name of the bundle's parameter that tells a file where it lies. */
export const FILE_LOCATION = '__nestdock_file__';

/** What {@link FILE_LOCATION} answers for a path from the module's folder. */
export interface FileLocation {
  readonly filename: string;
  readonly dirname: string;
  readonly url: string;
}

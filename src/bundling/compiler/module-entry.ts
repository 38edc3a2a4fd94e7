/** The one entry of every bundle: made here, found on no disk. */
export const MODULE_ENTRY_ID = '\0nestdock:module';

/** What a file of the module exports, by name. */
export type FileNamespace = Readonly<Record<string, unknown>>;

/** What a bundle exports: the namespace of each file that the manifest names. */
export interface BundleExports {
  readonly files: Readonly<Record<string, FileNamespace>>;
}

/** @param files by the key that the bundle exports it under, the absolute path of each file */
export function moduleEntrySource(files: ReadonlyMap<string, string>): string {
  const paths = [...files];
  return [
    ...paths.map(([, path], index) => `import * as file${index} from ${JSON.stringify(path)};`),
    `export const files = {${paths.map(([key], index) => `${JSON.stringify(key)}: file${index}`).join(', ')}};`,
  ].join('\n');
}

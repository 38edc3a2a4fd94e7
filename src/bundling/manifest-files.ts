import { posix } from 'node:path';
import { type ReleaseMigration } from '../kernel/index.js';
import { type HandlerReference, type Manifest, parseHandlerReference, toPointer } from '../manifest/index.js';

/** A handler as the manifest names it. */
export interface NamedHandler {
  readonly reference: string;
  /** JSON pointer into the manifest. */
  readonly pointer: string;
}

/** How a bundle knows a file: `./src/index.ts` and `src//index.ts` are `src/index.ts`. */
export const bundleFileKey = (manifestPath: string): string => posix.normalize(manifestPath);

/** Every handler that the manifest names, in its order. */
export function namedHandlers({ routes = [], jobs = {} }: Manifest): NamedHandler[] {
  return [
    ...routes.map(({ handler }, index) => ({ reference: handler, pointer: toPointer(['routes', index, 'handler']) })),
    ...Object.entries(jobs).map(([key, { handler }]) => ({
      reference: handler,
      pointer: toPointer(['jobs', key, 'handler']),
    })),
  ];
}

/** @throws for what a valid manifest does not hold: an error of the host's own. */
export function handlerReference(reference: string): HandlerReference {
  const parsed = parseHandlerReference(reference);
  if (!parsed) throw new Error(`"${reference}" is no handler reference`);
  return parsed;
}

/** The files that a bundle exports, by key: the entry first, then those of the handlers and of migrations that are code. */
export function manifestFiles(manifest: Manifest, migrations: readonly ReleaseMigration[] = []): string[] {
  const references = namedHandlers(manifest).map(({ reference }) => handlerReference(reference));
  const files = references.flatMap((reference) => (reference.from === 'file' ? reference.file : []));
  const classes = migrations.flatMap(({ kind, file }) => (kind === 'code' ? file : []));
  const named = [...(manifest.entry === undefined ? [] : [manifest.entry]), ...files, ...classes];
  return [...new Set(named.map(bundleFileKey))];
}

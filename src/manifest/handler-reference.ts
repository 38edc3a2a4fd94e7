import { HANDLER_PATTERN } from './patterns.js';

/** Where a handler of the manifest is to be found. */
export type HandlerReference =
  /** `./file#export`; without `exportName`: the file's default export, else its only exported function. */
  | { readonly from: 'file'; readonly file: string; readonly exportName?: string }
  /** `export`: an export of the module's entry. */
  | { readonly from: 'entry'; readonly exportName: string };

const REFERENCE = new RegExp(HANDLER_PATTERN, 'u');

/** Reads a handler reference: `./file#export`, `./file` or `export`. undefined where it is none of them. */
export function parseHandlerReference(reference: string): HandlerReference | undefined {
  const match = REFERENCE.exec(reference);
  if (!match) return undefined;
  const [, file, fileExport, entryExport] = match;
  if (entryExport !== undefined) return { from: 'entry', exportName: entryExport };
  if (file === undefined) return undefined;
  return fileExport === undefined ? { from: 'file', file } : { from: 'file', file, exportName: fileExport };
}

import { readFile } from 'node:fs/promises';
import { type RolldownError } from 'rolldown';
import { parseSync, transformSync } from 'rolldown/utils';

/**
 * Whether an import that its file does not export is of a type that only decorator metadata mentions, as in
 * `get(@Body() dto: Dto)` with an interface `Dto`. One file alone does not tell a type from a value: tsc drops such
 * an import, and the metadata says `Object`.
 */
export async function isMetadataOnly(error: RolldownError): Promise<boolean> {
  const { file } = error.loc ?? {};
  if (error.code !== 'MISSING_EXPORT' || file === undefined || error.pos === undefined) return false;
  const text = await readFile(file, 'utf8');
  const local = importedAt(file, text, error.pos);
  if (local === undefined) return false;
  const { code } = transformSync(file, text, { decorator: { legacy: true, emitDecoratorMetadata: false } });
  const kept = parseSync(file.replace(/\.[cm]?tsx?$/, '.js'), code, { sourceType: 'module' }).module.staticImports;
  return !kept.some(({ entries }) => entries.some(({ localName }) => localName.value === local));
}

/** The local name of the import whose imported name stands at an offset. */
function importedAt(file: string, text: string, offset: number): string | undefined {
  return parseSync(file, text)
    .module.staticImports.flatMap(({ entries }) => entries)
    .find(({ importName, localName }) => importName.start === offset || localName.start === offset)?.localName.value;
}

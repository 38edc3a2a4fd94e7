import { parseSync } from 'rolldown/utils';

/** Counted from 1, both. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

export function positionAt(text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Where a file names a specifier: its import where it has one, else the first string of that value. */
export function importPosition(file: string, text: string, specifier: string): SourcePosition | undefined {
  const { staticImports, staticExports, dynamicImports } = parseSync(file, text).module;
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
    ...dynamicImports.map(({ moduleRequest }) => moduleRequest),
  ];
  const request = requests.find(({ start, end }) => text.slice(start + 1, end - 1) === specifier);
  const offset = request?.start ?? Math.max(text.indexOf(`'${specifier}'`), text.indexOf(`"${specifier}"`));
  return offset < 0 ? undefined : positionAt(text, offset);
}

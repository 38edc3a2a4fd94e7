import { resolve } from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { type AuthorPosition } from '../../kernel/index.js';

/** Where the lines of one bundle came from. The source map is parsed at the first question. */
export class SourcePositions {
  #map: string | TraceMap;

  constructor(
    map: string,
    private readonly folder: string,
  ) {
    this.#map = map;
  }

  /** undefined for what the compiler itself wrote. */
  at(line: number, column: number): AuthorPosition | undefined {
    if (typeof this.#map === 'string') this.#map = new TraceMap(this.#map);
    const original = originalPositionFor(this.#map, { line, column: column - 1 });
    if (original.source === null) return undefined;
    return { file: resolve(this.folder, original.source), line: original.line, column: original.column + 1 };
  }
}

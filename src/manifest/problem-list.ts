import { type InputProblem } from '../common/errors/problem.js';
import { type PointerSegment, toPointer } from './json-pointer.js';
import { type ManifestProblemCode } from './problem-catalogue.js';

/** A hostile manifest of 1 MB could have a problem for every ten bytes. */
const MOST_PROBLEMS = 100;

/** Where a problem stands: at the key or at the value that the segments lead to. */
export interface Place {
  readonly at: readonly PointerSegment[];
  readonly part?: 'key' | 'value';
}

export interface ProblemText {
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A place in a file that is not the manifest. */
export interface FilePlace extends Partial<Position> {
  /** From the module's folder. */
  readonly file: string;
}

/** Finds a place in the manifest's text; undefined where there is no text. */
export type Locate = (place: Place) => Position | undefined;

interface Entry {
  readonly problem: InputProblem;
  readonly position: Position | undefined;
}

/** Gathers the problems of one manifest: one for each cause, in the order of the text. */
export class ProblemList {
  readonly #entries: Entry[] = [];
  readonly #flawedValues = new Set<string>();
  readonly #flawedKeys = new Set<string>();
  readonly #flawedWithin = new Set<string>();

  constructor(private readonly locate: Locate) {}

  get size(): number {
    return this.#entries.length;
  }

  /** Whether nothing is known against the value at this place; what it holds may have flaws of its own. */
  isSound(at: readonly PointerSegment[]): boolean {
    return !this.#flawedValues.has(toPointer(at));
  }

  /** Whether nothing is known against the value at this place, nor against anything in it. */
  isSoundThroughout(at: readonly PointerSegment[]): boolean {
    return !this.#flawedWithin.has(toPointer(at));
  }

  /**
   * Adds what is wrong with a value, or with a key. What comes later against the same value has the same cause,
   * and is left out; so is what has the same code against the same key.
   */
  add(code: ManifestProblemCode, place: Place, text: ProblemText): void {
    const pointer = toPointer(place.at);
    const [known, flaw] =
      place.part === 'key' ? [this.#flawedKeys, `${code} ${pointer}`] : [this.#flawedValues, pointer];
    if (known.has(flaw)) return;
    known.add(flaw);
    this.#markWithin(place.at);
    this.#push(code, pointer, text, this.locate(place));
  }

  /** Adds a key that is missing: an object may miss several, and what it has may still be sound. */
  addMissing(at: readonly PointerSegment[], text: ProblemText): void {
    this.#markWithin(at);
    this.#push('MANIFEST_REQUIRED', toPointer(at), text, this.locate({ at }));
  }

  /** Adds what is wrong with a file that the value at this place leads to; there may be several. */
  addInFile(code: ManifestProblemCode, at: readonly PointerSegment[], place: FilePlace, text: ProblemText): void {
    this.#markWithin(at);
    this.#push(code, undefined, text, this.locate({ at }), place);
  }

  /** Adds what is wrong with the text itself. */
  addAt(code: ManifestProblemCode, position: Position | undefined, text: ProblemText): void {
    this.#push(code, undefined, text, position);
  }

  /** In the order of the text; those without a place in it in the order of their finding. */
  toArray(): InputProblem[] {
    const sorted = this.#entries.toSorted((a, b) => compare(a.position, b.position)).map(({ problem }) => problem);
    const unlisted = sorted.length - MOST_PROBLEMS;
    if (unlisted <= 0) return sorted;
    const more = { code: 'MANIFEST_MORE_PROBLEMS', message: `there are ${unlisted} more problems` };
    return [...sorted.slice(0, MOST_PROBLEMS), more];
  }

  #markWithin(at: readonly PointerSegment[]): void {
    for (let depth = at.length; depth >= 0; depth--) this.#flawedWithin.add(toPointer(at.slice(0, depth)));
  }

  #push(
    code: ManifestProblemCode,
    pointer: string | undefined,
    { message, hint }: ProblemText,
    position: Position | undefined,
    place: Partial<FilePlace> = position ?? {},
  ): void {
    const problem: InputProblem = {
      code,
      message,
      ...(hint !== undefined && { hint }),
      ...(pointer !== undefined && { pointer }),
      ...place,
    };
    this.#entries.push({ problem, position });
  }
}

const compare = (a: Position | undefined, b: Position | undefined): number =>
  (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);

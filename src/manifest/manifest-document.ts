import { type Node } from 'jsonc-parser';
import { type PointerSegment, toPointer } from './json-pointer.js';
import { parseJsonText } from './json-text.js';
import { isObject, MAX_DEPTH } from './json-value.js';
import { type Locate, type Position, ProblemList } from './problem-list.js';

/** A manifest as it was given, before anything is known of its shape. */
export interface ManifestDocument {
  /** undefined where nothing could be made of the text. */
  readonly value: unknown;
  /** Whether the value is all that was given; otherwise it says nothing about what is missing. */
  readonly complete: boolean;
  /** What is wrong with the document as JSON. The checks of its shape add to it. */
  readonly problems: ProblemList;
}

const FORBIDDEN_KEY = '__proto__';
const FORBIDDEN_TEXT = { message: `the key \`${FORBIDDEN_KEY}\` is not allowed` };

/** Reads a manifest from its text. A byte order mark is passed over. */
export function documentFromText(written: string): ManifestDocument {
  const text = written.startsWith('\uFEFF') ? written.slice(1) : written;
  const positionOf = positions(text);
  const { flaws, tree, complete } = parseJsonText(text);
  const offsets = new Map<string, { key: number; value: number }>();
  const locate: Locate = ({ at, part = 'value' }) => {
    const offset = offsets.get(toPointer(at))?.[part];
    return offset === undefined ? undefined : positionOf(offset);
  };
  const problems = new ProblemList(locate);
  for (const { code, offset, ...message } of flaws) problems.addAt(code, positionOf(offset), message);
  const value = tree && valueOf(tree, [], { offsets, problems: complete ? problems : undefined });
  return { value, complete, problems };
}

/** Takes a manifest that was parsed already, by whoever read the request. */
export function documentFromValue(given: unknown): ManifestDocument {
  const problems = new ProblemList(() => undefined);
  if (isTooDeep(given)) {
    problems.addAt('MANIFEST_TOO_DEEP', undefined, {
      message: `the manifest nests more than ${MAX_DEPTH} levels deep`,
    });
    return { value: undefined, complete: false, problems };
  }
  return { value: copyOf(given, [], problems), complete: true, problems };
}

interface Reading {
  readonly offsets: Map<string, { key: number; value: number }>;
  /** undefined where a mistake in the text makes what follows from it no mistake of its own. */
  readonly problems: ProblemList | undefined;
}

/** The value of a node, and where each part of it stands. Not `getNodeValue`: that one lets `__proto__` set the prototype. */
function valueOf(node: Node, at: readonly PointerSegment[], reading: Reading, key = node.offset): unknown {
  reading.offsets.set(toPointer(at), { key, value: node.offset });
  if (node.type === 'array') return (node.children ?? []).map((item, index) => valueOf(item, [...at, index], reading));
  if (node.type !== 'object') return node.value as unknown;
  const value: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [name, member] = property.children ?? [];
    if (!name || !member) continue;
    const place = [...at, name.value as string];
    const isTwice = Object.hasOwn(value, name.value as string);
    const memberValue = valueOf(member, place, reading, name.offset);
    if (name.value === FORBIDDEN_KEY)
      reading.problems?.add('MANIFEST_FORBIDDEN_KEY', { at: place, part: 'key' }, FORBIDDEN_TEXT);
    else value[name.value as string] = memberValue;
    if (isTwice) {
      const message = `the key \`${name.value as string}\` stands here twice`;
      reading.problems?.add('MANIFEST_DUPLICATE_KEY', { at: place, part: 'key' }, { message });
    }
  }
  return value;
}

function copyOf(given: unknown, at: readonly PointerSegment[], problems: ProblemList): unknown {
  if (Array.isArray(given)) return given.map((item: unknown, index) => copyOf(item, [...at, index], problems));
  if (!isObject(given)) return given;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(given)) {
    const place = [...at, key];
    if (key === FORBIDDEN_KEY) problems.add('MANIFEST_FORBIDDEN_KEY', { at: place, part: 'key' }, FORBIDDEN_TEXT);
    else if (member !== undefined) copy[key] = copyOf(member, place, problems);
  }
  return copy;
}

/** Level by level, as a recursion would overflow the stack on just what this is to find. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? (Object.values(item) as unknown[]) : [],
    );
  }
  return false;
}

/** Finds line and column of an offset, both counted from 1. */
function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (const { index } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + (text.startsWith('\r\n', index) ? 2 : 1));
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

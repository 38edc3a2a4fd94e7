import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'jsonc-parser';

/** Answers the absolute paths that a specifier may stand for, by `compilerOptions.paths`; none where no pattern fits. */
export type PathsResolver = (specifier: string) => readonly string[];

/** Reads the `paths` of a module's own `tsconfig.json`; what it extends is not followed. */
export function readTsconfigPaths(file: string, text: string): PathsResolver {
  const options = record(record(parse(text)).compilerOptions);
  const base = join(dirname(file), typeof options.baseUrl === 'string' ? options.baseUrl : '.');
  const patterns = Object.entries(record(options.paths)).map(([pattern, targets]) => {
    const [head = '', tail] = pattern.split('*');
    const paths = Array.isArray(targets) ? targets.filter((target) => typeof target === 'string') : [];
    return { head, tail, targets: paths.map((target) => (isAbsolute(target) ? target : join(base, target))) };
  });
  // As tsc does: an exact pattern first, then the one with the longest head.
  patterns.sort((a, b) => Number(a.tail !== undefined) - Number(b.tail !== undefined) || b.head.length - a.head.length);

  return (specifier) => {
    for (const { head, tail, targets } of patterns) {
      if (tail === undefined) {
        if (specifier === head) return targets;
      } else if (
        specifier.length >= head.length + tail.length &&
        specifier.startsWith(head) &&
        specifier.endsWith(tail)
      ) {
        const middle = specifier.slice(head.length, specifier.length - tail.length);
        return targets.map((target) => target.replace('*', () => middle));
      }
    }
    return [];
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

import { distance } from 'fastest-levenshtein';

/** Longer words are no slip of the pen, and costly to compare. */
const LONGEST = 64;

/** The candidate that a mistyped word most likely stands for; undefined where none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const typed = word.toLowerCase();
  let best: { candidate: string; slips: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > slipsAllowed(word, candidate)) continue;
    const known = candidate.toLowerCase();
    const slips = distance(typed, known);
    const isClose = slips <= slipsAllowed(word, candidate) || (slips === 2 && sorted(typed) === sorted(known));
    if (isClose && slips < (best?.slips ?? Infinity)) best = { candidate, slips };
  }
  return best?.candidate;
}

/** One for every three letters. Two letters that changed places count as two slips, and are one. */
const slipsAllowed = (word: string, candidate: string): number =>
  Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));

const sorted = (word: string): string => [...word].sort().join('');

/** Such as: did you mean `schedule`? undefined where nothing is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? undefined : `did you mean \`${candidate}\`?`;
}

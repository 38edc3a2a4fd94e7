import { Script } from 'node:vm';
import { hasErrorCode } from '../common/error-code.js';

/** An author's expression may backtrack for ages on an unlucky text; only a script of its own can be stopped. */
const LONGEST_MS = 100;

/** Tells whether a text matches an author's regular expression (flag `u`), which must compile; `too-slow` where that takes over 100 ms. */
export type MatchPattern = (pattern: string, text: string) => boolean | 'too-slow';

export const matchPattern: MatchPattern = (pattern, text) => {
  const script = new Script(`new RegExp(${JSON.stringify(pattern)}, 'u').test(${JSON.stringify(text)})`);
  try {
    return script.runInThisContext({ timeout: LONGEST_MS }) === true;
  } catch (error) {
    if (hasErrorCode(error, 'ERR_SCRIPT_EXECUTION_TIMEOUT')) return 'too-slow';
    throw error;
  }
};

/** Gives up after a few that are too slow, and lets the rest pass: a manifest of thousands must not hold the host up. */
export function impatientMatch(patience = 3): MatchPattern {
  let slow = 0;
  return (pattern, text) => {
    if (slow >= patience) return true;
    const match = matchPattern(pattern, text);
    if (match === 'too-slow') slow++;
    return match;
  };
}

/** Why this is no regular expression (flag `u`); undefined where it is one. */
export function patternSyntaxError(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

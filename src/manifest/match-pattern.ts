import { createContext, Script } from 'node:vm';
import { hasErrorCode } from '../common/error-code.js';

/** An author's expression may backtrack for ages on an unlucky text; only a script of its own can be stopped. */
const LONGEST_MS = 100;
const MATCH = new Script('new RegExp(pattern, "u").test(text)');

/** Whether a text matches an author's regular expression (flag `u`), which must compile; `too-slow` where that takes over 100 ms. */
export function matchPattern(pattern: string, text: string): boolean | 'too-slow' {
  try {
    return MATCH.runInContext(createContext({ pattern, text }), { timeout: LONGEST_MS }) === true;
  } catch (error) {
    if (hasErrorCode(error, 'ERR_SCRIPT_EXECUTION_TIMEOUT')) return 'too-slow';
    throw error;
  }
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

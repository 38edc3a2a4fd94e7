const FIRST_MS = 100;
const LONGEST_MS = 10_000;
/** A process takes at least as long to start, and that counts as a part of the wait. */
const START_MS = 400;

/** Milliseconds between the crash and the moment a process may take requests again, after `crashes` of them in a row. */
export const restartDelay = (crashes: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** (crashes - 1));

/** Milliseconds between the crash and the start of the next process. */
export const spawnDelay = (crashes: number): number => Math.max(0, restartDelay(crashes) - START_MS);

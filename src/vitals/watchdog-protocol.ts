/** One place in the stack of a thread, innermost first; counted from 0, both, as the inspector does. */
export interface SampledFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Told once the event loop goes on again. */
export interface Blockage {
  readonly blockedMs: number;
  /** Empty where no JavaScript could be stopped: it was in native code, such as a regular expression. */
  readonly frames: readonly SampledFrame[];
}

export interface WatchdogOptions {
  /** One word that the watched thread counts up. */
  readonly beat: SharedArrayBuffer;
  /** Milliseconds without a beat after which the loop counts as blocked. */
  readonly blockedMs: number;
}

/** How often the watched thread beats, and how often it is looked after. */
export const WATCH_MS = 100;

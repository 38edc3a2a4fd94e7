import { writeSync } from 'node:fs';
import { Session, url } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import { type Blockage, type SampledFrame, WATCH_MS, type WatchdogOptions } from './watchdog-protocol.js';

/*
 * Runs in a thread of its own: it goes on where the main thread is blocked. What it finds then it writes to the output by
 * itself, as nobody else may ever do so again.
 */
const { beat, blockedMs } = workerData as WatchdogOptions;
const word = new Int32Array(beat);
const STDOUT = 1;
const ERROR = 50;
/** What cannot be stopped within this is in native code. */
const SAMPLE_WITHIN_MS = 5_000;
/** Frames deeper down say nothing more. */
const MOST_FRAMES = 50;

let last = Atomics.load(word, 0);
let since = performance.now();
let frames: readonly SampledFrame[] | undefined;

setInterval(() => {
  const now = Atomics.load(word, 0);
  if (now !== last) {
    if (frames)
      parentPort?.postMessage({ blockedMs: Math.round(performance.now() - since), frames } satisfies Blockage);
    frames = undefined;
    last = now;
    since = performance.now();
    return;
  }
  // Somebody who debugs the host stops it for as long as he wants.
  if (frames || performance.now() - since < blockedMs || url() !== undefined) return;
  frames = [];
  sample((sampled) => {
    if (frames) frames = sampled;
    writeSync(
      STDOUT,
      `${JSON.stringify({ level: ERROR, time: Date.now(), ...where(sampled), msg: 'The event loop is blocked' })}\n`,
    );
  });
}, WATCH_MS);

/** Stops the main thread for a moment. Its debugger is on for no longer than that, as it costs all code something. */
function sample(done: (frames: readonly SampledFrame[]) => void): void {
  const session = new Session();
  session.connectToMainThread();
  const files = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
  const end = (sampled: readonly SampledFrame[]) => {
    clearTimeout(timer);
    session.post('Debugger.resume');
    session.post('Debugger.disable', () => session.disconnect());
    done(sampled);
  };
  const timer = setTimeout(() => end([]), SAMPLE_WITHIN_MS);
  session.once('Debugger.paused', ({ params }) =>
    end(
      params.callFrames.slice(0, MOST_FRAMES).map((frame) => ({
        functionName: frame.functionName,
        // Frames of code that was compiled under a name that is no path come without it.
        url: frame.url || (files.get(frame.location.scriptId) ?? ''),
        lineNumber: frame.location.lineNumber,
        columnNumber: frame.location.columnNumber ?? 0,
      })),
    ),
  );
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

/** By the raw places of the bundle: where an author's lines are is for the main thread to say, if it ever can. */
function where(sampled: readonly SampledFrame[]): object {
  const frame = sampled.find(({ url: file }) => file.startsWith('nestdock:')) ?? sampled[0];
  if (!frame) return { at: 'native code' };
  const { functionName, url: file, lineNumber, columnNumber } = frame;
  const [, module] = /^nestdock:([^@]+)@/.exec(file) ?? [];
  return {
    ...(module !== undefined && { module }),
    function: functionName,
    at: `${file}:${lineNumber + 1}:${columnNumber + 1}`,
  };
}

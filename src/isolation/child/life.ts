import process from 'node:process';
import { BEAT_MS, type FromChild } from '../protocol.js';

const exit = process.exit.bind(process);

/** A process without its host is nobody's: it ends at once. One that is stuck is ended by the host's reaper. */
export function endWithHost(): void {
  process.on('disconnect', () => exit(0));
  // A signal to the terminal's group is the host's to answer: it drains, and then tells its children to end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}

/** From the main thread, so that a beat says that the event loop goes on. */
export function startBeating(send: (message: FromChild) => void): void {
  const beat = () => send({ type: 'beat', rssBytes: process.memoryUsage.rss() });
  beat();
  setInterval(beat, BEAT_MS);
}

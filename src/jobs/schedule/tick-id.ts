import { v5 as uuidv5 } from 'uuid';

/** Made once for Nestdock's ticks; another one would give every tick another id. */
const TICK_NAMESPACE = '6f0c8c0e-7a53-4d3e-9a41-5a4f0f3c9b61';
const MESSAGE_NAMESPACE = '0b0f3c55-3f0a-4b8e-8a8e-1d1c0b7a6f2d';

/** The id of the run that answers a tick: the same on every host, whenever it is computed. */
export function tickRunId(jobId: string, tick: Date): string {
  const second = Math.floor(tick.getTime() / 1000);
  return uuidv5(`${jobId}/${second}`, TICK_NAMESPACE);
}

/** The id of the queue's message that asks for one attempt of a run: sent twice, it is there once. */
export function attemptMessageId(runId: string, attempt: number): string {
  return uuidv5(`${runId}/${attempt}`, MESSAGE_NAMESPACE);
}

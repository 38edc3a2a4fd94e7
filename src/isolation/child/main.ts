import 'reflect-metadata';
import process from 'node:process';
import { type FromChild, type ToChild } from '../protocol.js';
import { packError } from '../sent-error.js';
import { endWithHost, startBeating } from './life.js';
import { ModuleRuntime } from './module-runtime.js';

/** Sends a message to the host, which may be gone: then this process is about to end too. */
function send(message: FromChild, sent?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => sent?.());
  else sent?.();
}

endWithHost();
startBeating(send);

let runtime: ModuleRuntime | undefined;

async function obey(message: ToChild): Promise<void> {
  if (message.type === 'load') {
    runtime = new ModuleRuntime(message.order, send);
    send({ type: 'loaded', loaded: await runtime.load() });
  } else if (message.type === 'end') {
    const failures = (await runtime?.end()) ?? [];
    send({ type: 'ended', failures: failures.map((failure) => packError(failure)) }, () => process.exit(0));
  } else await runtime?.obey(message);
}

process.on('message', (message: ToChild) => {
  obey(message).catch((error: unknown) => {
    // Everything but a load answers for itself: what fails here is the host's own code, and nobody could go on with it.
    send({ type: 'load-failed', error: packError(error) }, () => process.exit(1));
  });
});

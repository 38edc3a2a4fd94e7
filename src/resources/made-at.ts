/** Frames: a package in the module's bundle may go deep before it comes to Node. */
const FRAMES = 32;

/** An error whose stack tells where something was made. V8 writes it out only when it is asked for, so making one is cheap. */
export function madeAt(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  try {
    return new Error('a resource is made');
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

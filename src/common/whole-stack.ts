/** Frames: a package that a module calls may go deep before it comes to what matters here. */
const FRAMES = 100;

/** Makes an error whose stack begins at the caller of `below`, and goes further down than V8 keeps stacks otherwise. */
export function withWholeStack<E extends Error>(below: (...args: never[]) => unknown, make: () => E): E {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  try {
    const error = make();
    Error.captureStackTrace(error, below);
    void error.stack; // V8 formats it when it is first asked for
    return error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

import { type IncomingMessage } from 'node:http';

/** Whether the headers of a request announce more than it may send. */
export function announcesMore(request: IncomingMessage, bytes: number): boolean {
  return Number(request.headers['content-length']) > bytes;
}

/**
 * Watches a body whose length nobody has announced. It is counted as it comes in, before whoever reads it: reading it
 * here would take it from the module, which may stream it. What is over the limit is dropped.
 * @param onExceeded called once
 */
export function watchBody(request: IncomingMessage, bytes: number, onExceeded: () => void): void {
  if (request.headers['transfer-encoding'] === undefined) return;
  const push = request.push.bind(request);
  let received = request.readableLength;
  let isOver = false;
  request.push = (chunk: Buffer | null, encoding) => {
    if (chunk === null || isOver) return isOver || push(chunk, encoding);
    received += chunk.length;
    if (received <= bytes) return push(chunk, encoding);
    isOver = true;
    onExceeded();
    return true;
  };
}

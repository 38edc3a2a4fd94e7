import { type IncomingMessage } from 'node:http';

/** Whether the headers of a request announce more than it may send. */
export function announcesMore(request: IncomingMessage, bytes: number): boolean {
  return Number(request.headers['content-length']) > bytes;
}

/**
 * Watches a body whose length nobody has announced. It is counted as it comes in, before whoever reads it: reading it
 * here would take it from the module, which may stream it.
 * @param onExceeded called once; says whether the rest is kept from the reader, who then never sees the end
 */
export function watchBody(request: IncomingMessage, bytes: number, onExceeded: () => boolean): void {
  if (request.headers['transfer-encoding'] === undefined) return;
  const push = request.push.bind(request);
  let received = 0;
  let isOver = false;
  let isCutOff = false;
  const count = (length: number) => {
    received += length;
    if (isOver || received <= bytes) return;
    isOver = true;
    isCutOff = onExceeded();
  };
  request.push = (chunk: Buffer | null, encoding) => {
    if (chunk !== null) count(chunk.length);
    return isCutOff || push(chunk, encoding);
  };
  // What has come while hooks of the host's kept the request waiting.
  count(request.readableLength);
}

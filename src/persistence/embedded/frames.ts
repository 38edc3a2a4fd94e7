/** Frames of the PostgreSQL protocol, version 3: a byte for the type, four for the length, the body. */

/** What a client sends. The first frame of a connection has no type. */
export const FRONTEND = { parse: 0x50, query: 0x51, sync: 0x53, terminate: 0x58, startup: 0 } as const;

/** What the server sends. */
export const BACKEND = {
  commandComplete: 0x43,
  errorResponse: 0x45,
  notification: 0x41,
  parameterStatus: 0x53,
  readyForQuery: 0x5a,
} as const;

/** Transaction status of a ReadyForQuery: outside any transaction. */
export const IDLE = 0x49;

export interface Frame {
  readonly type: number;
  /** The whole frame, header included. */
  readonly bytes: Buffer;
  readonly body: Buffer;
}

const LENGTH_BYTES = 4;
const CANCEL_REQUEST = 80_877_102;

/** Cuts what a client writes into whole frames, and keeps what is cut off until the rest comes. */
export class FrontendFrames {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  push(chunk: Buffer): Frame[] {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frames: Frame[] = [];
    for (let frame = this.#first(data); frame; frame = this.#first(data)) {
      frames.push(frame);
      data = data.subarray(frame.bytes.length);
      this.#started = true;
    }
    this.#rest = data;
    return frames;
  }

  #first(data: Buffer): Frame | undefined {
    return frameAt(data, 0, this.#started);
  }
}

/** All frames of one answer: the server never leaves one cut off. */
export function* backendFrames(data: Buffer): Generator<Frame> {
  for (let offset = 0; ;) {
    const frame = frameAt(data, offset, true);
    if (!frame) return;
    offset += frame.bytes.length;
    yield frame;
  }
}

/** The strings, each ended by a zero, at the start of a body. */
export const cStrings = (body: Buffer, from = 0): string[] => body.toString('utf8', from).split('\0');

/** A request to cancel another connection's query: it comes in place of a startup message. */
export const isCancelRequest = ({ type, body }: Frame): boolean =>
  type === FRONTEND.startup && body.length >= LENGTH_BYTES && body.readInt32BE(0) === CANCEL_REQUEST;

export function simpleQuery(sql: string): Buffer {
  const body = Buffer.from(`${sql}\0`);
  return Buffer.concat([header(FRONTEND.query, body.length), body]);
}

export const syncMessage = (): Buffer => header(FRONTEND.sync, 0);

/** An ErrorResponse after which the server hangs up. */
export function fatalError(code: string, message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  return Buffer.concat([header(BACKEND.errorResponse, body.length), body]);
}

function header(type: number, bodyLength: number): Buffer {
  const bytes = Buffer.alloc(1 + LENGTH_BYTES);
  bytes[0] = type;
  bytes.writeInt32BE(bodyLength + LENGTH_BYTES, 1);
  return bytes;
}

function frameAt(data: Buffer, offset: number, typed: boolean): Frame | undefined {
  const head = typed ? 1 : 0;
  if (data.length < offset + head + LENGTH_BYTES) return undefined;
  const length = head + data.readInt32BE(offset + head);
  if (data.length < offset + length) return undefined;
  const bytes = data.subarray(offset, offset + length);
  return { type: typed ? bytes.readUInt8(0) : FRONTEND.startup, bytes, body: bytes.subarray(head + LENGTH_BYTES) };
}

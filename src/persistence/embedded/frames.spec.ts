import { describe, expect, it } from '@jest/globals';
import { backendFrames, FRONTEND, FrontendFrames, isCancelRequest, simpleQuery, syncMessage } from './frames.js';

const startup = (code: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(8, 0);
  bytes.writeInt32BE(code, 4);
  return bytes;
};

describe('FrontendFrames', () => {
  it('cuts the same frames however the bytes come', () => {
    const bytes = Buffer.concat([startup(196_608), simpleQuery('SELECT 1'), syncMessage(), simpleQuery('')]);
    for (let size = 1; size <= bytes.length; size++) {
      const frames = new FrontendFrames();
      const types: number[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        types.push(...frames.push(bytes.subarray(at, at + size)).map(({ type }) => type));
      }
      expect(types).toEqual([FRONTEND.startup, FRONTEND.query, FRONTEND.sync, FRONTEND.query]);
    }
  });

  it('knows a cancel request, which comes in place of a startup message', () => {
    const [cancel] = new FrontendFrames().push(startup(80_877_102));
    const [start] = new FrontendFrames().push(startup(196_608));
    expect([cancel, start].map((frame) => frame && isCancelRequest(frame))).toEqual([true, false]);
  });
});

describe('backendFrames', () => {
  it('gives each frame with its body', () => {
    const frames = [...backendFrames(Buffer.concat([simpleQuery('a'), simpleQuery('bc')]))];
    expect(frames.map(({ body }) => body.toString())).toEqual(['a\0', 'bc\0']);
  });
});

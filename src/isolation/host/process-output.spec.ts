import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { ProcessOutput } from './process-output.js';

async function listen(chunks: readonly string[], stream: 'stdout' | 'stderr' = 'stdout') {
  const lines: Record<string, unknown>[] = [];
  const sink = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const source = new PassThrough();
  new ProcessOutput(pino({ base: undefined, timestamp: false, level: 'trace' }, sink), stream).listen(source);
  for (const chunk of chunks) {
    source.write(chunk);
    await setImmediate();
  }
  source.destroy();
  await setImmediate();
  return lines;
}

describe('ProcessOutput', () => {
  it("writes the process's own log lines with their level, words and fields", async () => {
    const lines = await listen(['{"level":40,"time":5,"module":"hello","reqId":"r1","msg":"look out"}\n']);
    expect(lines).toEqual([{ level: 40, module: 'hello', reqId: 'r1', msg: 'look out' }]);
  });

  it('writes all else as text: of the standard output as information, of the other as a warning', async () => {
    expect(await listen(['said\n'])).toEqual([{ level: 30, stream: 'stdout', msg: 'said' }]);
    expect(await listen(['cried\n'], 'stderr')).toEqual([{ level: 40, stream: 'stderr', msg: 'cried' }]);
    expect(await listen(['{"level":30\n'])).toEqual([{ level: 30, stream: 'stdout', msg: '{"level":30' }]);
  });

  it('joins lines that come in pieces, and keeps the last one that has no end', async () => {
    const lines = await listen(['one', ' two\nthr', 'ee\n\nfour']);
    expect(lines.map(({ msg }) => msg)).toEqual(['one two', 'three', 'four']);
  });

  it('cuts a line that is too long, and does not keep what comes of it', async () => {
    const lines = await listen(['x'.repeat(40_000), 'y'.repeat(40_000), 'z\nnext\n']);
    expect(lines.map(({ msg }) => String(msg).slice(-10))).toEqual(['xxx… (cut)', 'next']);
  });

  it('does not listen to one that floods it, and says how much was lost', async () => {
    const lines = await listen([...Array.from({ length: 30 }, () => 'flood\n'.repeat(1_000))]);
    const told = lines.filter(({ msg }) => msg === 'flood').length;
    expect(told).toBeGreaterThanOrEqual(1_000);
    expect(told).toBeLessThan(10_000);
    const lost = lines.reduce((sum, { dropped = 0 }) => sum + Number(dropped), 0);
    expect(told + lost).toBe(30_000);
  });
});

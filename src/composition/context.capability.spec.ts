import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { hostUrl } from './host-url.js';
import { createModuleLogger } from './module-logger.js';

describe('hostUrl', () => {
  it.each([
    ['127.0.0.1', 4000, 'http://127.0.0.1:4000'],
    ['0.0.0.0', 80, 'http://127.0.0.1:80'],
    ['::', 80, 'http://127.0.0.1:80'],
    ['::1', 80, 'http://[::1]:80'],
    ['host.internal', 1, 'http://host.internal:1'],
  ])('of %s and %d is %s', (address, port, url) => expect(hostUrl(address, port)).toBe(url));
});

describe('createModuleLogger', () => {
  it('writes messages with fields, and errors with their stack', () => {
    const lines: unknown[] = [];
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      lines.push(JSON.parse(chunk.toString()));
      done();
    };
    const logger = createModuleLogger(pino({ base: undefined, level: 'debug' }, new Writable({ write })));
    logger.debug('one');
    logger.info('two', { n: 2 });
    logger.warn('three');
    logger.error('four', { n: 4 });
    logger.error(new RangeError('five'), { n: 5 });
    expect(lines).toMatchObject([
      { level: 20, msg: 'one' },
      { level: 30, msg: 'two', n: 2 },
      { level: 40, msg: 'three' },
      { level: 50, msg: 'four', n: 4 },
      { level: 50, msg: 'five', n: 5, err: { type: 'RangeError', stack: expect.stringContaining('RangeError: five') } },
    ]);
  });
});

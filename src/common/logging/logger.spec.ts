import { describe, expect, it } from '@jest/globals';
import { runInScope } from '../module-scope.js';
import { SecretRegistry } from '../redaction/secret-registry.js';
import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

const scope = { module: 'hello', generation: 1, requestId: 'r-1' };

describe('a line of the log', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'info', pretty: false, secrets: new SecretRegistry(), destination });
  const written = (write: () => void): Record<string, unknown> => {
    lines.length = 0;
    write();
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] as string) as Record<string, unknown>;
  };

  it('says on whose behalf it is written, also where Nest writes it', () => {
    const marks = { module: 'hello', reqId: 'r-1' };
    expect(written(() => runInScope(scope, () => logger.info('said')))).toMatchObject({ ...marks, msg: 'said' });
    const nest = () => new NestLogger(logger).warn('said', 'Greeter');
    expect(written(() => runInScope(scope, nest))).toMatchObject({ ...marks, context: 'Greeter' });
  });

  it('leaves what it says by itself, and says nothing twice', () => {
    expect(written(() => runInScope(scope, () => logger.info({ module: 'other' }, 'said')))).toMatchObject({
      module: 'other',
    });
    const child = logger.child({ module: 'other', reqId: 'r-2' });
    expect(written(() => runInScope(scope, () => child.info('said')))).toMatchObject({ module: 'other', reqId: 'r-2' });
    expect(lines[0]?.match(/"module"|"reqId"/g)).toHaveLength(2);
  });

  it('is the host’s where it runs on nobody’s behalf', () => {
    const line = written(() => logger.info('said'));
    expect(line).not.toHaveProperty('module');
    expect(line).not.toHaveProperty('reqId');
  });
});

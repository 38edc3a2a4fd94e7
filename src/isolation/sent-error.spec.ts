import { describe, expect, it } from '@jest/globals';
import { deserialize, serialize } from 'node:v8';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { packError, unpackError } from './sent-error.js';

/** As `serialization: 'advanced'` carries it. */
const sent = (thrown: unknown): Error =>
  unpackError(deserialize(serialize(packError(thrown))) as ReturnType<typeof packError>);

describe('an error that is sent', () => {
  it('keeps its name, words, code, stack and cause', () => {
    const cause = new RangeError('too far');
    const error = Object.assign(new TypeError('no number', { cause }), { code: 'E_NUMBER', own: () => 1 });
    const got = sent(error);
    expect(got).toBeInstanceOf(Error);
    expect(got).toMatchObject({ name: 'TypeError', message: 'no number', code: 'E_NUMBER', stack: error.stack });
    expect(got.cause).toMatchObject({ name: 'RangeError', message: 'too far', stack: cause.stack });
  });

  it('is a coded error again where it was one', () => {
    const problems = [{ code: 'FIELD_REQUIRED', message: 'needs a value', pointer: '/a' }];
    const error = new NestdockError('SETTINGS_INCOMPLETE', 'lacks a', { problems, extensions: { step: 'settings' } });
    const got = sent(error);
    expect(got).toBeInstanceOf(NestdockError);
    expect((got as NestdockError).toProblem()).toEqual(error.toProblem());
    expect(got.stack).toBe(error.stack);
  });

  it('is an error whatever was thrown', () => {
    expect(sent('just words').message).toBe('thrown: just words');
    expect(sent(undefined).message).toBe('thrown: undefined');
  });

  it('ends where an error is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    let depth = 0;
    for (let each: unknown = sent(error); each instanceof Error; each = each.cause) depth++;
    expect(depth).toBeGreaterThan(1);
    expect(depth).toBeLessThan(20);
  });
});

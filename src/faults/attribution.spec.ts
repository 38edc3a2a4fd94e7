import { describe, expect, it } from '@jest/globals';
import { runInScope } from '../common/module-scope.js';
import { type AuthorPosition, type CodeOrigin, type CodeOrigins } from '../kernel/index.js';
import { attribute, thrownError } from './attribution.js';

const position: AuthorPosition = { file: '/modules/hello/src/index.ts', line: 4, column: 9 };
const hello: CodeOrigin = { module: 'hello', generation: 2 };
const other = { module: 'other', generation: 1 };

/** Errors of `hello`'s code; all others are made where no module has a part. */
class Origins implements CodeOrigins {
  readonly locate = () => undefined;

  readonly #known = new WeakSet<Error>();

  made(error: Error): Error {
    this.#known.add(error);
    return error;
  }

  originOf = (error: Error) => (this.#known.has(error) ? hello : undefined);
  positionOf = (error: Error) => (this.#known.has(error) ? position : undefined);
}

const origins = new Origins();
const ofHello = () => origins.made(new Error('of a module'));
const ofNobody = () => new Error('of no module');
const circular = (): Error => {
  const error = new Error('of itself');
  error.cause = error;
  return error;
};

describe('whose fault an error is', () => {
  it.each([
    ['its stack names a module', ofHello(), undefined, { ...hello, position }],
    ['its stack names another module than it ran for', ofHello(), other, { ...hello, position }],
    [
      'the error that it was made from names one',
      new Error('outer', { cause: ofHello() }),
      other,
      { ...hello, position },
    ],
    ['only the scope tells', ofNobody(), other, { ...other, position: undefined }],
    ['it is its own cause', circular(), other, { ...other, position: undefined }],
    ['it is the host’s own', ofNobody(), undefined, undefined],
    [
      'it is the host’s own, and made from nothing that is an error',
      new Error('x', { cause: 5 }),
      undefined,
      undefined,
    ],
  ])('where %s', (_name, error, scope, expected) => {
    expect(attribute(error, origins, scope)).toEqual(expected);
  });

  it('is the scope’s that runs, without the request', () => {
    const found = runInScope({ ...other, requestId: 'r' }, () => attribute(ofNobody(), origins));
    expect(found).toEqual({ ...other, position: undefined });
    expect(attribute(ofNobody(), origins)).toBeUndefined();
  });

  it('is told by the scope where the error’s own getters fail', () => {
    const failing: CodeOrigins = {
      originOf: () => {
        throw new Error('a getter');
      },
      positionOf: () => undefined,
      locate: () => undefined,
    };
    expect(attribute(ofNobody(), failing, other)).toMatchObject(other);
  });
});

describe('what was thrown', () => {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  it.each([
    ['text', "thrown: 'text'"],
    [undefined, 'thrown: undefined'],
    [1n, 'thrown: 1n'],
    [Symbol('s'), 'thrown: Symbol(s)'],
    [self, 'thrown: <ref *1> { self: [Circular *1] }'],
  ])('is an error that says so: %p', (thrown, message) => {
    expect(thrownError(thrown).message).toBe(message);
  });

  it('is itself where it is an error', () => {
    const error = ofNobody();
    expect(thrownError(error)).toBe(error);
  });
});

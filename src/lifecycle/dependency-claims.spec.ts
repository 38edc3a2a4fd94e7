import { beforeEach, describe, expect, it } from '@jest/globals';
import { DependencyClaims } from './dependency-claims.js';

describe('DependencyClaims', () => {
  let claims: DependencyClaims;
  beforeEach(() => {
    claims = new DependencyClaims();
  });

  it('knows who needs a module until they have ended', () => {
    claims.claim('b', ['c']);
    claims.claim('a', ['c', 'd']);
    expect([claims.holdersOf('c'), claims.holdersOf('d'), claims.holdersOf('a')]).toEqual([['a', 'b'], ['a'], []]);
    claims.release('a', 'succeeded');
    expect([claims.holdersOf('c'), claims.holdersOf('d')]).toEqual([['b'], []]);
  });

  it('gives back what was enabled for an operation that has failed, as it was', () => {
    claims.claim('a', ['b', 'c']);
    claims.enabledFor('b', 'REGISTERED');
    expect(claims.release('a', 'failed')).toEqual([{ name: 'b', status: 'REGISTERED' }]);
    expect(claims.release('a', 'failed')).toEqual([]);
  });

  it('gives back dependents before what they need', () => {
    claims.claim('x', ['c']);
    claims.claim('a', ['b', 'c']);
    claims.claim('a', ['d', 'c', 'b']);
    for (const name of ['b', 'c', 'd']) claims.enabledFor(name, 'REGISTERED');
    claims.release('x', 'failed');
    expect(claims.release('a', 'failed').map(({ name }) => name)).toEqual(['b', 'c', 'd']);
  });

  it('gives back once the last of several has failed, whoever had it enabled', () => {
    claims.claim('a', ['c']);
    claims.enabledFor('c', 'DISABLED');
    claims.claim('b', ['c']);
    expect(claims.release('a', 'failed')).toEqual([]);
    expect(claims.release('b', 'failed')).toEqual([{ name: 'c', status: 'DISABLED' }]);
  });

  it('keeps what one of several goes on with', () => {
    claims.claim('a', ['c']);
    claims.enabledFor('c', 'REGISTERED');
    claims.claim('b', ['c']);
    expect(claims.release('b', 'succeeded')).toEqual([]);
    expect(claims.release('a', 'failed')).toEqual([]);
  });

  it('gives back what was enabled for one that was itself enabled for another', () => {
    claims.claim('a', ['c', 'b']);
    claims.enabledFor('c', 'REGISTERED');
    claims.claim('b', ['c']);
    claims.release('b', 'succeeded');
    claims.enabledFor('b', 'REGISTERED');
    expect(claims.release('a', 'failed').map(({ name }) => name)).toEqual(['b', 'c']);
  });

  it('keeps what somebody wants for its own sake', () => {
    claims.claim('a', ['c']);
    claims.enabledFor('c', 'REGISTERED');
    claims.keep('c');
    expect(claims.release('a', 'failed')).toEqual([]);
  });

  it('refuses operations that would wait for each other', () => {
    claims.claim('a', ['b']);
    claims.claim('b', ['c']);
    expect(() => claims.claim('c', ['d', 'a'])).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY_CYCLE',
        message: 'modules need each other in a circle: c -> a -> b -> c',
      }),
    );
    expect(claims.holdersOf('d')).toEqual([]);
  });
});

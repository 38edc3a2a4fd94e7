import { describe, expect, it } from '@jest/globals';
import { moduleTerms } from './module-terms.js';

const release = (permissions?: string[], isolation?: 'inline' | 'process') => ({
  name: 'meter',
  version: '2.0.0',
  manifest: {
    name: 'meter',
    version: '2.0.0',
    displayName: 'Meter',
    description: '',
    author: '',
    ...(permissions && { permissions }),
    ...(isolation && { isolation }),
  },
});
const undecided = { isolation: null, permissions: null };
const decided = { isolation: null, permissions: { asked: ['a:b', 'c:d'], granted: ['a:b'] } };

describe('the terms of a module', () => {
  it.each([
    ['says nothing', undefined, null, 'inline'],
    ['asks for a process', 'process', null, 'process'],
    ['asks for a process, and an operator wants it inline', 'process', 'inline', 'inline'],
    ['says nothing, and an operator wants a process', undefined, 'process', 'process'],
  ] as const)('where its manifest %s', (_title, asked, override, isolation) => {
    expect(moduleTerms({ ...undecided, isolation: override }, release([], asked)).isolation).toBe(isolation);
  });

  it('grant the first version what it asks for', () => {
    expect(moduleTerms(undecided, release(['a:b'])).permissions).toEqual({ asked: ['a:b'], granted: ['a:b'] });
  });

  it('stay what they were for one that asks for no more', () => {
    for (const asked of [[], ['a:b'], ['c:d', 'a:b']]) {
      expect(moduleTerms(decided, release(asked)).permissions).toEqual(decided.permissions);
    }
  });

  it('are to be decided anew for one that asks for more', () => {
    expect(() => moduleTerms(decided, release(['a:b', 'e:f']))).toThrow(
      expect.objectContaining({
        code: 'PERMISSIONS_CHANGED',
        extensions: { asked: ['a:b', 'e:f'], granted: ['a:b'], added: ['e:f'] },
      }),
    );
  });

  it('are what is granted now, as far as it is asked for', () => {
    expect(moduleTerms(decided, release(['a:b', 'e:f']), ['e:f']).permissions).toEqual({
      asked: ['a:b', 'e:f'],
      granted: ['e:f'],
    });
    expect(() => moduleTerms(decided, release(['a:b']), ['a:b', 'x:y'])).toThrow(
      expect.objectContaining({
        code: 'REQUEST_INVALID',
        problems: [expect.objectContaining({ pointer: '/permissions/1' })],
      }),
    );
  });
});

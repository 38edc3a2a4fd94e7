import { describe, expect, test } from '@jest/globals';
import { cycleProblem, findDependencyCycles } from './dependency-cycles.js';

type Needs = Readonly<Record<string, readonly string[]>>;

const manifests = (needs: Needs) =>
  Object.entries(needs).map(([name, needed]) => ({
    name,
    dependencies: Object.fromEntries(needed.map((other) => [other, '*'])),
  }));

describe('findDependencyCycles', () => {
  test.each<[string, Needs, string[][]]>([
    ['nothing', {}, []],
    ['a line', { a: ['b'], b: ['c'], c: [] }, []],
    ['a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, []],
    ['a need that no manifest answers', { a: ['gone'] }, []],
    ['two in a circle', { b: ['a'], a: ['b'] }, [['a', 'b', 'a']]],
    ['one in a circle with itself', { a: ['a'] }, [['a', 'a']]],
    ['a circle beside a line that leads into it', { x: ['b'], b: ['c'], c: ['b'] }, [['b', 'c', 'b']]],
    [
      'the shorter of two ways round',
      { a: ['b', 'd'], b: ['c'], c: ['a'], d: ['a'] },
      [
        ['a', 'd', 'a'],
        ['b', 'c', 'a', 'b'],
      ],
    ],
    [
      'two circles apart',
      { a: ['b'], b: ['a'], c: ['d'], d: ['c'] },
      [
        ['a', 'b', 'a'],
        ['c', 'd', 'c'],
      ],
    ],
  ])('%s', (_case, needs, expected) => {
    expect(findDependencyCycles(manifests(needs))).toEqual(expected);
  });

  test('a circle through ten thousand modules does not overflow the stack', () => {
    const size = 10_000;
    const needs = Object.fromEntries(Array.from({ length: size }, (_, i) => [`m${i}`, [`m${(i + 1) % size}`]]));
    expect(findDependencyCycles(manifests(needs)).map(({ length }) => length)).toEqual([size + 1]);
  });

  test('is a problem that names its path', () => {
    expect(cycleProblem(['a', 'b', 'a'])).toEqual({
      code: 'MANIFEST_DEPENDENCY_CYCLE',
      message: 'modules depend on each other in a circle: a -> b -> a',
      pointer: '/dependencies/b',
    });
  });
});

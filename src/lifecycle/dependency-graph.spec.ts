import { describe, expect, it } from '@jest/globals';
import {
  cyclesBelow,
  enabledDependents,
  fits,
  incompatibleDependents,
  type ModuleGraph,
  planEnabling,
  startingNeeds,
  stoppingNeeds,
  toGraph,
} from './dependency-graph.js';

/** `a+ 1.2.0: b ^1, c` is an enabled module a in version 1.2.0 that needs b in ^1 and c in any version. */
const graph = (...lines: string[]): ModuleGraph =>
  toGraph(
    lines.map((line) => {
      const [head = '', needs = ''] = line.split(':');
      const [name = '', version = '1.0.0'] = head.trim().split(' ');
      const dependencies = needs.split(',').flatMap((need) => {
        const [needed = '', ...range] = need.trim().split(' ');
        return needed === '' ? [] : [[needed, range.join(' ') || '*'] as const];
      });
      return {
        name: name.replace('+', ''),
        version: version === '?' ? null : version,
        dependencies: Object.fromEntries(dependencies),
        enabled: name.endsWith('+'),
      };
    }),
  );

describe('the plan of enabling a', () => {
  it.each<[string, string[], string[]]>([
    ['nothing needed', ['a'], []],
    ['a line', ['a: b', 'b: c', 'c'], ['c', 'b']],
    ['a diamond', ['a: c, b', 'b: d', 'c: d', 'd'], ['d', 'b', 'c']],
    ['what is enabled already', ['a: b, c', 'b+: d', 'c', 'd+'], ['c']],
    ['what others need', ['a', 'b: a', 'c+: b'], []],
    ['ranges that are met', ['a: b ^1.2.0, c >=2 <4', 'b 1.9.0', 'c 3.1.4'], ['b', 'c']],
  ])('with %s', (_case, lines, order) => {
    expect(planEnabling('a', graph(...lines))).toEqual({ order, problems: [] });
  });

  it.each<[string, string[], [string, string][]]>([
    [
      'one that is not registered',
      ['a: b ^1'],
      [['DEPENDENCY_MISSING', 'a needs b ^1, and no module of that name is registered']],
    ],
    ['another version', ['a: b ^2.0.0', 'b 1.4.0'], [['DEPENDENCY_VERSION', 'a needs b ^2.0.0, registered is 1.4.0']]],
    [
      'another version enabled',
      ['a: b ^2.0.0', 'b+ 1.4.0'],
      [['DEPENDENCY_VERSION', 'a needs b ^2.0.0, registered is 1.4.0']],
    ],
    ['no valid manifest', ['a: b', 'b ?'], [['DEPENDENCY_MISSING', 'a needs b *, whose manifest is not valid']]],
    [
      'everything that is wrong, with its path',
      ['a: b, c ^1', 'b: d ^2, e', 'd'],
      [
        ['DEPENDENCY_VERSION', 'b needs d ^2, registered is 1.0.0 (a -> b -> d)'],
        ['DEPENDENCY_MISSING', 'b needs e *, and no module of that name is registered (a -> b -> e)'],
        ['DEPENDENCY_MISSING', 'a needs c ^1, and no module of that name is registered'],
      ],
    ],
    [
      'a circle',
      ['a: b', 'b: c', 'c: a'],
      [['DEPENDENCY_CYCLE', 'modules need each other in a circle: a -> b -> c -> a']],
    ],
    [
      'a circle further down',
      ['a: b', 'b: c', 'c: b'],
      [['DEPENDENCY_CYCLE', 'modules need each other in a circle: b -> c -> b']],
    ],
    [
      'a circle that a new version closes through what is enabled',
      ['a+: b', 'b+: a'],
      [['DEPENDENCY_CYCLE', 'modules need each other in a circle: a -> b -> a']],
    ],
  ])('names %s', (_case, lines, problems) => {
    const found = planEnabling('a', graph(...lines)).problems;
    expect(found.map(({ code, message }) => [code, message])).toEqual(problems);
    for (const { pointer, hint } of found)
      expect([pointer, hint]).toEqual([expect.stringMatching(/^\/dependencies\//), expect.any(String)]);
  });

  it('points into the manifest that asks', () => {
    expect(planEnabling('a', graph('a: b')).problems).toMatchObject([{ pointer: '/dependencies/b' }]);
  });

  it('goes through a chain of a thousand', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => (i < 999 ? `m${i}: m${i + 1}` : `m${i}`));
    expect(planEnabling('m0', graph(...lines)).order).toHaveLength(999);
  });
});

it.each<[string, string | null, boolean]>([
  ['^1.0.0', '1.9.0', true],
  ['^1.0.0', '2.0.0', false],
  ['^1.0.0', '1.1.0-rc.1', false],
  ['^1.1.0-rc.0', '1.1.0-rc.1', true],
  ['*', null, false],
])('%s and %s', (range, version, met) => {
  expect(fits(version, range)).toBe(met);
});

it.each<[string, string[], string[]]>([
  ['nobody', ['a+', 'b+'], []],
  ['those that are enabled', ['a+', 'b+: a', 'c: a'], ['b']],
  ['by way of others, each before what it needs', ['a+', 'b+: a', 'c+: b', 'd+: c, a'], ['d', 'c', 'b']],
  ['each once', ['a+', 'b+: a', 'c+: a', 'd+: b, c'], ['d', 'b', 'c']],
  ['a circle once', ['a+: c', 'b+: a', 'c+: b'], ['c', 'b']],
])('a is needed by %s', (_case, lines, expected) => {
  expect(enabledDependents('a', graph(...lines))).toEqual(expected);
});

it('tells whose range a version is outside of', () => {
  const modules = graph('a+ 1.0.0', 'b+: a ^1', 'c+: a *', 'd: a ^1', 'e+: a ~1.0.0');
  expect(incompatibleDependents('a', '2.0.0', modules)).toEqual([
    { name: 'b', range: '^1' },
    { name: 'e', range: '~1.0.0' },
  ]);
  expect(incompatibleDependents('a', '1.0.1', modules)).toEqual([]);
});

it('finds the circles below a module, and no others', () => {
  const modules = graph('a: b', 'b: c', 'c: b', 'd: e', 'e: d');
  expect(cyclesBelow('a', modules)).toEqual([['b', 'c', 'b']]);
});

it('waits for what is needed, but not around a circle', () => {
  const modules = graph('a: b, gone', 'b: c', 'c: b', 'd');
  expect(Object.fromEntries(startingNeeds(modules))).toEqual({ a: ['b'], b: [], c: [], d: [] });
  expect(Object.fromEntries(stoppingNeeds(modules))).toEqual({ a: [], b: ['a'], c: [], d: [] });
});

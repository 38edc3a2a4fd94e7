import { describe, expect, it } from '@jest/globals';
import { WeakClassMap } from './weak-class-map.js';

class Base {}
class Middle extends Base {}
class Leaf extends Middle {}
class Other {}

describe('WeakClassMap', () => {
  const filled = () =>
    WeakClassMap.from<unknown>(
      new Map<unknown, unknown>([
        [Leaf, 'leaf'],
        ['named', 'n'],
        [Base, 'base'],
        [Middle, 'middle'],
        [Other, 'other'],
      ]),
    );

  it('has, gets, sets, deletes and iterates as a Map does', () => {
    const map = filled();
    expect(map.size).toBe(5);
    expect([map.get(Base), map.get('named'), map.get(Object), map.has(Leaf), map.has('none')]).toEqual([
      'base',
      'n',
      undefined,
      true,
      false,
    ]);
    expect(new Map(map)).toEqual(
      new Map<unknown, unknown>([
        ['named', 'n'],
        [Leaf, 'leaf'],
        [Base, 'base'],
        [Middle, 'middle'],
        [Other, 'other'],
      ]),
    );
    expect([...map.keys()]).toContain(Other);
    expect([...map.values()].sort()).toEqual(['base', 'leaf', 'middle', 'n', 'other']);
    expect([map.delete(Base), map.delete(Base), map.delete('named'), map.size]).toEqual([true, false, true, 3]);
    const seen: unknown[] = [];
    map.forEach((value) => seen.push(value));
    expect(seen).toEqual(['leaf', 'middle', 'other']);
    map.clear();
    expect([...map]).toEqual([]);
  });

  it('meets only what a class inherits from while narrowed to it, the most distant first', () => {
    const map = filled();
    expect(map.narrowedTo(Leaf, () => [...map.values()])).toEqual(['base', 'middle']);
    expect(map.narrowedTo(Other, () => [...map.values()])).toEqual([]);
    expect(() =>
      map.narrowedTo(Leaf, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect([...map.values()]).toHaveLength(5);
  });

  it('is not wrapped twice', () => {
    const map = filled();
    expect(WeakClassMap.from(map)).toBe(map);
  });
});

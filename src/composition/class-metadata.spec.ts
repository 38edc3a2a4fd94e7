import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Expose, instanceToPlain, plainToInstance, Transform, Type } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import {
  getMetadataStorage,
  IsInt,
  IsString,
  Min,
  Validate,
  validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { holdDtosWeakly } from './class-metadata.js';
import { WeakClassMap } from './weak-class-map.js';

@ValidatorConstraint()
class IsEven implements ValidatorConstraintInterface {
  static made = 0;
  constructor() {
    IsEven.made++;
  }
  validate = (value: unknown) => typeof value === 'number' && value % 2 === 0;
}

class Named {
  @IsString()
  @Expose()
  name!: string;
}

class Before extends Named {
  @IsInt()
  @Min(1)
  count!: number;
}

describe('class-validator and class-transformer, holding classes weakly,', () => {
  beforeAll(() => {
    holdDtosWeakly();
    holdDtosWeakly();
  });

  it('keep metadata in the maps that are replaced, and only there', () => {
    const weak = ([, value]: [string, unknown]) => value instanceof WeakClassMap;
    const maps = ([, value]: [string, unknown]) => value instanceof Map || value instanceof WeakClassMap;
    const transformer = Object.entries(defaultMetadataStorage as Record<string, unknown>).filter(maps);
    const validator = Object.entries(getMetadataStorage() as unknown as Record<string, unknown>).filter(maps);
    expect(transformer.map(([name]) => name).sort()).toEqual([
      '_ancestorsMap',
      '_excludeMetadatas',
      '_exposeMetadatas',
      '_transformMetadatas',
      '_typeMetadatas',
    ]);
    expect(validator.map(([name]) => name).sort()).toEqual(['constraintMetadatas', 'validationMetadatas']);
    expect([...transformer, ...validator].every(weak)).toBe(true);
  });

  it('still know the classes that were there before, and what they inherit', async () => {
    const wrong = await validate(Object.assign(new Before(), { name: 1, count: 0 }));
    expect(wrong.map(({ property }) => property).sort()).toEqual(['count', 'name']);
    expect(await validate(Object.assign(new Before(), { name: 'a', count: 1 }))).toEqual([]);
  });

  it('know nested classes, transforms and constraints of later ones', async () => {
    class Outer extends Before {
      @ValidateNested()
      @Type(() => Before)
      inner!: Before;

      @Transform(({ value }) => Number(value))
      @Validate(IsEven)
      even!: number;
    }
    const good = plainToInstance(Outer, { name: 'a', count: 1, inner: { name: 'b', count: 2 }, even: '4' });
    expect([good.inner, good.even, await validate(good)]).toEqual([expect.any(Before), 4, []]);
    const bad = plainToInstance(Outer, { name: 'a', count: 1, inner: { name: 'b', count: 0 }, even: '3' });
    expect((await validate(bad)).map(({ property }) => property).sort()).toEqual(['even', 'inner']);
    expect(IsEven.made).toBe(1);
    expect(instanceToPlain(good, { strategy: 'excludeAll' })).toEqual({ name: 'a' });
  });
});

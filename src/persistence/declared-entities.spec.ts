import { afterEach, describe, expect, it } from '@jest/globals';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Column,
  Entity,
  EntitySchema,
  EventSubscriber,
  getMetadataArgsStorage,
  PrimaryColumn,
  ViewEntity,
} from 'typeorm';
import { DeclaredEntities } from './declared-entities.js';
import { decoratorLists, featureLists } from './typeorm-globals.js';

const sizes = () => [...decoratorLists(), ...featureLists()].map(([name, { length }]) => [name, length]);

/** Declares what a module may, anew each time. */
function declare() {
  @Entity()
  class Note {
    @PrimaryColumn({ type: 'text' })
    id!: string;
    @Column({ type: 'text' })
    text!: string;
  }
  @ViewEntity({ expression: 'SELECT 1' })
  class View {}
  @Entity()
  class Elsewhere {
    @PrimaryColumn({ type: 'text' })
    id!: string;
  }
  @EventSubscriber()
  class Subscriber {}
  const Tag = new EntitySchema<object>({ name: 'Tag', columns: {} });
  TypeOrmModule.forFeature([Note, Tag]);
  TypeOrmModule.forFeature([Elsewhere], 'elsewhere');
  return { Note, View, Tag, Subscriber };
}

describe('DeclaredEntities', () => {
  const before = sizes();
  afterEach(() =>
    expect(sizes().filter(([name]) => !['default', 'elsewhere', 'later'].includes(name as string))).toEqual(before),
  );

  it('are what the code has declared, and no more than that', () => {
    const first = DeclaredEntities.during(declare);
    const second = DeclaredEntities.during(declare);
    for (const { result, declared } of [first, second]) {
      expect(new Set(declared.entities)).toEqual(new Set([result.Note, result.View, result.Tag]));
      expect(declared.subscribers).toEqual([result.Subscriber]);
    }
    first.declared.forget();
    const { Note } = second.result;
    expect(
      getMetadataArgsStorage()
        .filterColumns(Note)
        .map(({ propertyName }) => propertyName),
    ).toEqual(['id', 'text']);
    expect(featureLists().get('default')).toEqual([Note, second.result.Tag]);
    second.declared.forget();
  });

  it('are none where the code throws', () => {
    const failing = () => {
      declare();
      throw new Error('late');
    };
    expect(() => DeclaredEntities.during(failing)).toThrow('late');
  });

  it('are forgotten where forFeature() has named them later, too', () => {
    const { result, declared } = DeclaredEntities.during(declare);
    TypeOrmModule.forFeature([result.Note], 'later');
    declared.forget();
    expect(featureLists().get('later')).toEqual([]);
  });

  it('are forgotten once', () => {
    const { declared } = DeclaredEntities.during(declare);
    declared.forget();
    const again = DeclaredEntities.during(declare);
    declared.forget();
    expect(again.declared.entities).toHaveLength(3);
    expect(featureLists().get('default')).toHaveLength(2);
    again.declared.forget();
  });
});

describe("TypeORM's lists", () => {
  it('are arrays that decorators append to, and nothing else keeps what they are given', () => {
    const storage = getMetadataArgsStorage();
    expect(Object.values(storage).every((list) => Array.isArray(list))).toBe(true);
    const names = [...decoratorLists().keys()];
    for (const name of ['tables', 'columns', 'relations', 'entitySubscribers', 'indices'])
      expect(names).toContain(name);
  });
});

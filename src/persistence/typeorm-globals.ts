import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { getMetadataArgsStorage } from 'typeorm';

/*
 * What decorators of TypeORM and `TypeOrmModule.forFeature()` write goes to lists of the whole process. This file alone
 * knows them; `typeorm-globals.spec.ts` holds what is assumed of both packages.
 */

/** The package does not export it. */
interface NestEntities {
  readonly EntitiesMetadataStorage: { readonly storage: Map<string, unknown[]> };
}

const nestTypeOrm = pathToFileURL(createRequire(import.meta.url).resolve('@nestjs/typeorm'));
const { EntitiesMetadataStorage } = (await import(
  new URL('./entities-metadata.storage.js', nestTypeOrm).href
)) as NestEntities;

/** The name that `forFeature(entities)` uses where it is given none. */
const DEFAULT_DATA_SOURCE = 'default';

/** Every list of TypeORM's, by its name. */
export const decoratorLists = (): Map<string, unknown[]> =>
  new Map(
    Object.entries(getMetadataArgsStorage()).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1])),
  );

/** What `forFeature()` was given, by the name of the data source. */
export const featureLists = (): Map<string, unknown[]> => EntitiesMetadataStorage.storage;

export const isDefaultDataSource = (name: string): boolean => name === DEFAULT_DATA_SOURCE;

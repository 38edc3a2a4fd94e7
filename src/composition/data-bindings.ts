import { type DynamicModule, type ValueProvider } from '@nestjs/common';
import { getDataSourceToken, getEntityManagerToken, TypeOrmModule } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';

/** What `forFeature()`, `@InjectDataSource()` and `@InjectEntityManager()` ask for where they name no data source. */
export const dataBindings = (dataSource: DataSource): ValueProvider[] => [
  { provide: getDataSourceToken(), useValue: dataSource },
  { provide: getEntityManagerToken(), useValue: dataSource.manager },
];

/**
 * Refuses `TypeOrmModule.forRoot()` and `forRootAsync()`, which would open a pool beside the host's.
 * @throws {NestdockError} DATA_SOURCE_FORBIDDEN
 */
export function refuseOwnDataSource(moduleName: string, imports: readonly DynamicModule[]): void {
  const own = imports.some(({ module, imports = [] }) => module === TypeOrmModule && imports.length > 0);
  if (own) throw new NestdockError('DATA_SOURCE_FORBIDDEN', `${moduleName} imports TypeOrmModule.forRoot().`);
}

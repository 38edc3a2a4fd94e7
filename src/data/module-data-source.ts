import { DataSource, type QueryRunner, type ReplicationMode } from 'typeorm';
import { NestdockError } from '../common/errors/nestdock-error.js';

/** A module's data source: TypeORM's, without what would change the schema behind the migrations' back. */
export class ModuleDataSource extends DataSource {
  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    // TypeORM closes the driver before it says that it is not initialised any more.
    return super.createQueryRunner(mode);
  }

  override synchronize(): Promise<void> {
    return Promise.reject(new NestdockError('SYNCHRONIZE_FORBIDDEN', 'synchronize() was called.'));
  }
}

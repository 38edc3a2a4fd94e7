import { join } from 'node:path';
import { type ModuleDatabase, openModuleDatabase } from '../../../../test/support/module-database.js';
import { Meter } from '../meters/meter.entity.js';
import { Reading } from '../readings/reading.entity.js';
import { DailySummary } from '../summaries/daily-summary.entity.js';

/** The module's tables, empty. */
export const openMonitorDatabase = (): Promise<ModuleDatabase> =>
  openModuleDatabase({
    module: 'consumption-monitor',
    entities: [Meter, Reading, DailySummary],
    migrations: join(import.meta.dirname, '../migrations'),
  });

export const emptyTables = async ({ dataSource }: ModuleDatabase): Promise<void> => {
  await dataSource.query('TRUNCATE meter, reading, daily_summary');
};

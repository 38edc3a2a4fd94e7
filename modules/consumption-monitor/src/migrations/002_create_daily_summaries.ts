import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

/** One row for each meter and day, which outlives the readings that it sums up. */
export class CreateDailySummaries implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'daily_summary',
        columns: [
          { name: 'meter_id', type: 'text', isPrimary: true },
          { name: 'day', type: 'date', isPrimary: true },
          { name: 'readings', type: 'integer' },
          { name: 'min_power_w', type: 'double precision' },
          { name: 'max_power_w', type: 'double precision' },
          { name: 'mean_power_w', type: 'double precision' },
          { name: 'consumed_kwh', type: 'double precision' },
        ],
        foreignKeys: [
          {
            columnNames: ['meter_id'],
            referencedTableName: 'meter',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('daily_summary');
  }
}

import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class AddRolloutTrials1767225720000 implements MigrationInterface {
  readonly name = 'AddRolloutTrials1767225720000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE nestdock.rollout ADD COLUMN plan jsonb, ADD COLUMN trial jsonb;
      ALTER TABLE nestdock.rollout_report
        ADD COLUMN requests integer NOT NULL DEFAULT 0,
        ADD COLUMN errors integer NOT NULL DEFAULT 0,
        ADD COLUMN detail text;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE nestdock.rollout DROP COLUMN plan, DROP COLUMN trial;
      ALTER TABLE nestdock.rollout_report DROP COLUMN requests, DROP COLUMN errors, DROP COLUMN detail;
    `);
  }
}

import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class ExtendHostModule1767225740000 implements MigrationInterface {
  readonly name = 'ExtendHostModule1767225740000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE nestdock.host_module ADD COLUMN settings integer NOT NULL DEFAULT 0, ADD COLUMN error jsonb',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE nestdock.host_module DROP COLUMN settings, DROP COLUMN error');
  }
}

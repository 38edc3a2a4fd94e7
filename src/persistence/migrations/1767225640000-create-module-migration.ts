import { type MigrationInterface, type QueryRunner } from 'typeorm';

const MODULE_MIGRATION = `
  CREATE TABLE nestdock.module_migration (
    module text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    checksum text NOT NULL,
    version text NOT NULL,
    status text NOT NULL DEFAULT 'done',
    reversible boolean,
    host text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT now(),
    duration_ms integer,
    CONSTRAINT module_migration_pkey PRIMARY KEY (module, name)
  )
`;

export class CreateModuleMigration1767225640000 implements MigrationInterface {
  readonly name = 'CreateModuleMigration1767225640000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MODULE_MIGRATION);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE nestdock.module_migration');
  }
}

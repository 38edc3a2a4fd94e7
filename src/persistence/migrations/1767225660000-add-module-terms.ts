import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class AddModuleTerms1767225660000 implements MigrationInterface {
  readonly name = 'AddModuleTerms1767225660000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE nestdock.module
        ADD COLUMN isolation text,
        ADD COLUMN permissions jsonb,
        ADD COLUMN quarantine jsonb
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE nestdock.module DROP COLUMN isolation, DROP COLUMN permissions, DROP COLUMN quarantine',
    );
  }
}

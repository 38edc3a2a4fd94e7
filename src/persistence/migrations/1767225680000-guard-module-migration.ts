import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The role of a module that runs in a process of its own sees and writes the records of its own migrations only. The
 * host's role owns the table, and passes by. What a role is called is said in `module-access/module-role.ts` too.
 */
const POLICY = `
  CREATE POLICY own_module ON nestdock.module_migration USING (
    current_user::text = 'nd_' || left(md5(current_database()), 8) || '_' || replace(module, '-', '_')
  )
`;

export class GuardModuleMigration1767225680000 implements MigrationInterface {
  readonly name = 'GuardModuleMigration1767225680000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE nestdock.module_migration ENABLE ROW LEVEL SECURITY');
    await runner.query(POLICY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY own_module ON nestdock.module_migration');
    await runner.query('ALTER TABLE nestdock.module_migration DISABLE ROW LEVEL SECURITY');
  }
}

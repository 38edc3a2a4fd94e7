import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** No row of `module` is referred to: the settings outlive it. */
const SETTINGS = `
  CREATE TABLE nestdock.module_settings (
    module text NOT NULL,
    values jsonb NOT NULL DEFAULT '{}',
    revision integer NOT NULL DEFAULT 0,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT module_settings_pkey PRIMARY KEY (module)
  );
  CREATE TABLE nestdock.module_settings_change (
    module text NOT NULL,
    revision integer NOT NULL,
    changed_at timestamptz(3) NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    request_id text,
    address text,
    changes jsonb NOT NULL,
    CONSTRAINT module_settings_change_pkey PRIMARY KEY (module, revision)
  );
`;

const SECRET_KEY = `
  CREATE TABLE nestdock.secret_key (
    single boolean NOT NULL DEFAULT true,
    fingerprint text NOT NULL,
    since timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT secret_key_pkey PRIMARY KEY (single),
    CONSTRAINT secret_key_one CHECK (single)
  );
`;

export class CreateModuleSettings1767225620000 implements MigrationInterface {
  readonly name = 'CreateModuleSettings1767225620000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [SETTINGS, SECRET_KEY]) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE nestdock.secret_key, nestdock.module_settings_change, nestdock.module_settings');
  }
}

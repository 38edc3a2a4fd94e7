import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** No row of `module` is referred to: a release may be kept before its module is enabled, and goes by its own count. */
const MODULE_RELEASE = `
  CREATE TABLE nestdock.module_release (
    digest text NOT NULL,
    module text NOT NULL,
    bundle text NOT NULL,
    content bytea NOT NULL,
    used_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT module_release_pkey PRIMARY KEY (digest)
  );
  CREATE INDEX module_release_used ON nestdock.module_release (module, used_at);
  ALTER TABLE nestdock.module ADD COLUMN rollout uuid;
`;

const HOST = `
  CREATE TABLE nestdock.host (
    id text NOT NULL,
    version text NOT NULL,
    address text NOT NULL,
    ttl_ms integer NOT NULL,
    started_at timestamptz(3) NOT NULL DEFAULT now(),
    seen_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT host_pkey PRIMARY KEY (id)
  );
  CREATE TABLE nestdock.host_module (
    host text NOT NULL,
    module text NOT NULL,
    state text NOT NULL,
    revision integer NOT NULL,
    generation integer,
    release text,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT host_module_pkey PRIMARY KEY (host, module),
    CONSTRAINT host_module_host_fkey FOREIGN KEY (host) REFERENCES nestdock.host (id) ON DELETE CASCADE
  );
`;

const ROLLOUT = `
  CREATE TABLE nestdock.rollout (
    module text NOT NULL,
    id uuid NOT NULL,
    host text NOT NULL,
    release text NOT NULL,
    terms jsonb NOT NULL,
    CONSTRAINT rollout_pkey PRIMARY KEY (module),
    CONSTRAINT rollout_id_key UNIQUE (id),
    CONSTRAINT rollout_host_fkey FOREIGN KEY (host) REFERENCES nestdock.host (id) ON DELETE CASCADE
  );
  CREATE TABLE nestdock.rollout_report (
    rollout uuid NOT NULL,
    host text NOT NULL,
    error jsonb,
    CONSTRAINT rollout_report_pkey PRIMARY KEY (rollout, host),
    CONSTRAINT rollout_report_rollout_fkey FOREIGN KEY (rollout) REFERENCES nestdock.rollout (id) ON DELETE CASCADE
  );
`;

export class CreateCluster1767225700000 implements MigrationInterface {
  readonly name = 'CreateCluster1767225700000';

  async up(runner: QueryRunner): Promise<void> {
    for (const tables of [MODULE_RELEASE, HOST, ROLLOUT]) await runner.query(tables);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE nestdock.module DROP COLUMN rollout');
    await runner.query(`
      DROP TABLE nestdock.rollout_report, nestdock.rollout, nestdock.host_module, nestdock.host, nestdock.module_release
    `);
  }
}

import { type MigrationInterface, type QueryRunner } from 'typeorm';

const MODULE = `
  CREATE TABLE nestdock.module (
    name text NOT NULL,
    version text,
    path text NOT NULL,
    manifest jsonb,
    status text NOT NULL DEFAULT 'REGISTERED',
    error jsonb,
    release text,
    bundle text,
    revision integer NOT NULL DEFAULT 1,
    enabled_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT module_pkey PRIMARY KEY (name)
  );
  CREATE INDEX module_status ON nestdock.module (status);
`;

const JOB = `
  CREATE TABLE nestdock.job (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    module text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    description text,
    handler text NOT NULL,
    schedule text,
    schedule_override text,
    timezone text NOT NULL DEFAULT 'UTC',
    timezone_override text,
    timeout integer NOT NULL DEFAULT 300000,
    retries integer NOT NULL DEFAULT 3,
    backoff jsonb NOT NULL DEFAULT '{"type":"exponential","delay":1000,"jitter":0.25}',
    overlap text NOT NULL DEFAULT 'skip',
    misfire text NOT NULL DEFAULT 'run-once',
    when_disabled text NOT NULL DEFAULT 'skip',
    config jsonb NOT NULL DEFAULT '{}',
    config_override jsonb,
    enabled boolean NOT NULL DEFAULT true,
    paused boolean NOT NULL DEFAULT false,
    orphaned boolean NOT NULL DEFAULT false,
    last_run_at timestamptz(3),
    next_run_at timestamptz(3),
    answered_until timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT job_pkey PRIMARY KEY (id),
    CONSTRAINT job_module_key UNIQUE (module, key)
  );
  CREATE INDEX job_next_run ON nestdock.job (next_run_at) WHERE enabled AND NOT paused;
`;

const RUN = `
  CREATE TABLE nestdock.run (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL,
    module text NOT NULL,
    release text,
    trigger text NOT NULL,
    status text NOT NULL DEFAULT 'queued',
    scheduled_at timestamptz(3) NOT NULL,
    started_at timestamptz(3),
    finished_at timestamptz(3),
    attempts jsonb NOT NULL DEFAULT '[]',
    held boolean NOT NULL DEFAULT false,
    stuck_at timestamptz(3),
    exclusive boolean NOT NULL DEFAULT false,
    delivery integer NOT NULL DEFAULT 0,
    config jsonb,
    result jsonb,
    progress jsonb,
    log jsonb NOT NULL DEFAULT '[]',
    retry_of uuid,
    idempotency_key text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT run_pkey PRIMARY KEY (id),
    CONSTRAINT run_job_fkey FOREIGN KEY (job_id) REFERENCES nestdock.job (id) ON DELETE CASCADE,
    CONSTRAINT run_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES nestdock.run (id) ON DELETE SET NULL
  );
  CREATE UNIQUE INDEX run_one_per_tick ON nestdock.run (job_id, scheduled_at) WHERE trigger IN ('schedule', 'catch-up');
  CREATE UNIQUE INDEX run_exclusive ON nestdock.run (job_id) WHERE exclusive AND status = 'running';
  CREATE INDEX run_history ON nestdock.run (job_id, scheduled_at, id);
  CREATE INDEX run_timeline ON nestdock.run (scheduled_at, id);
  CREATE INDEX run_held ON nestdock.run (job_id) WHERE held;
  CREATE INDEX run_stuck ON nestdock.run (job_id) WHERE stuck_at IS NOT NULL;
  CREATE INDEX run_unfinished ON nestdock.run (job_id, status) WHERE status IN ('queued', 'running');
  CREATE INDEX run_retry_of ON nestdock.run (retry_of) WHERE retry_of IS NOT NULL;
`;

export class CreateModulesJobsRuns1767225600000 implements MigrationInterface {
  /** Kept by TypeORM's history: it must outlive a renaming of the class. */
  readonly name = 'CreateModulesJobsRuns1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of [MODULE, JOB, RUN]) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE nestdock.run, nestdock.job, nestdock.module');
  }
}

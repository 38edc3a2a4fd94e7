import { type Job } from '../../persistence/index.js';

/** What a run needs of its job while it runs. */
export type RunJob = Pick<
  Job,
  | 'id'
  | 'module'
  | 'key'
  | 'timeout'
  | 'retries'
  | 'backoff'
  | 'overlap'
  | 'config'
  | 'configOverride'
  | 'enabled'
  | 'orphaned'
  | 'whenDisabled'
>;

/** In queries where `r` is a run and `j` its job. */
export const JOB_COLUMNS = `json_build_object('id', j.id, 'module', j.module, 'key', j.key, 'timeout', j.timeout,
  'retries', j.retries, 'backoff', j.backoff, 'overlap', j.overlap, 'config', j.config,
  'configOverride', j.config_override, 'enabled', j.enabled, 'orphaned', j.orphaned, 'whenDisabled', j.when_disabled) AS job`;

export const INTERRUPTIONS = `jsonb_array_length(jsonb_path_query_array(r.attempts, '$[*] ? (@.interrupted == true)')) AS interruptions`;

/** A mark that nobody has renewed for so long is that of a host which is gone. */
export const STUCK = `stuck_at > now() - interval '15 seconds'`;

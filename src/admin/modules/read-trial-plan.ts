import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type HostConfig } from '../../config/index.js';
import { type TrialPlan } from '../../kernel/index.js';
import { type ExchangeQuery } from './module.request.js';

const CANARY_PERCENT = 5;
/** Of the hosts: one at a time. */
const ROLLING_PERCENT = 1;

/**
 * @returns undefined where the release is to serve all at once
 * @throws {NestdockError} REQUEST_INVALID where it is, and something is said of a trial all the same
 */
export function readTrialPlan(
  { strategy = 'all', percent, windowMs, errorPercent }: ExchangeQuery,
  { rollout }: Pick<HostConfig, 'rollout'>,
): TrialPlan | undefined {
  if (strategy === 'all') {
    const said = Object.entries({ percent, windowMs, errorPercent }).find(([, value]) => value !== undefined);
    if (!said) return undefined;
    throw invalid(said[0], `${said[0]} says something of a trial: name the strategy, canary or rolling`);
  }
  const share = percent === undefined ? (strategy === 'canary' ? CANARY_PERCENT : ROLLING_PERCENT) : Number(percent);
  if (share === 0) throw invalid('percent', 'percent must be above 0');
  return {
    strategy,
    percent: share,
    windowMs: windowMs === undefined ? rollout.windowMs : Number(windowMs),
    errorPercent: errorPercent === undefined ? rollout.errorPercent : Number(errorPercent),
  };
}

const invalid = (field: string, message: string): NestdockError =>
  new NestdockError('REQUEST_INVALID', message, {
    problems: [{ code: 'FIELD_INVALID', pointer: `/${field}`, message }],
  });

import { NestdockError } from '../common/errors/nestdock-error.js';

export const abandoned = (module: string): NestdockError =>
  new NestdockError('ROLLOUT_ABANDONED', `the rollout of ${module} was given up`);

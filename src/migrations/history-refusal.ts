import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Release } from '../kernel/index.js';
import { type HistoryProblem } from './history.js';

/** @throws {NestdockError} with the code of the first problem, and all of them */
export function refuseProblems({ name }: Pick<Release, 'name'>, problems: readonly HistoryProblem[]): void {
  const [first] = problems;
  if (!first) return;
  const detail = `the migrations of ${name} do not fit what was applied: ${problems.map(({ message }) => message).join('; ')}`;
  throw new NestdockError(first.code, detail, {
    problems: problems.map(({ migration: _migration, ...problem }) => problem),
    extensions: { migrations: problems.map(({ migration }) => migration) },
  });
}

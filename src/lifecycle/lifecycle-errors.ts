import { NestdockError } from '../common/errors/nestdock-error.js';
import { type Release } from '../kernel/index.js';
import { type DependencyProblem, type IncompatibleDependent } from './dependency-graph.js';

export const moduleNotFound = (name: string): NestdockError =>
  new NestdockError('MODULE_NOT_FOUND', `no module is named "${name}"`);

/** @param current revision that the module's row has by now */
export const revisionConflict = (name: string, expected: number, current: number): NestdockError =>
  new NestdockError('REVISION_CONFLICT', `${name} is at revision ${current}, not ${expected}`, {
    extensions: { revision: current },
  });

/** Everything that keeps a module from being enabled, under the code of the first that is wrong. */
export function dependenciesUnmet(problems: readonly [DependencyProblem, ...DependencyProblem[]]): NestdockError {
  const detail = problems.map(({ message }) => message).join('; ');
  return new NestdockError(problems[0].code, detail, { problems });
}

/** @param dependents in the order in which they would be stopped */
export function dependentsEnabled(name: string, dependents: readonly string[]): NestdockError {
  return new NestdockError('DEPENDENTS_ENABLED', `${name} is needed by ${dependents.join(', ')}`, {
    extensions: { dependents },
  });
}

export function dependentsIncompatible(
  { name, version }: Pick<Release, 'name' | 'version'>,
  dependents: readonly IncompatibleDependent[],
): NestdockError {
  const needs = dependents.map((dependent) => `${dependent.name} needs ${name} ${dependent.range}`);
  return new NestdockError('DEPENDENTS_INCOMPATIBLE', `${needs.join('; ')}; this is ${version}`, {
    extensions: { dependents: dependents.map((dependent) => dependent.name) },
  });
}

/** A dependency that was to be enabled along, and failed to be. */
export function dependencyFailed(name: string, needed: string, cause: NestdockError): NestdockError {
  const detail = `${name} needs ${needed}, which cannot be enabled: ${cause.message}`;
  return new NestdockError('DEPENDENCY_FAILED', detail, {
    cause,
    problems: cause.problems,
    extensions: { dependency: needed, dependencyCode: cause.code },
  });
}

export const trialImpossible = (name: string, why: string): NestdockError =>
  new NestdockError('TRIAL_IMPOSSIBLE', `${name} cannot be tried on a part: ${why}`);

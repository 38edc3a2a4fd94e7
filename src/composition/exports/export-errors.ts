import { didYouMean } from '../../common/did-you-mean.js';
import { type ErrorCode } from '../../common/errors/catalogue.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type InputProblem } from '../../common/errors/problem.js';
import { type AskedExport } from './export-key.js';
import { type Offer } from './served-exports.js';

export interface ExportProblem extends InputProblem {
  readonly code: Extract<
    ErrorCode,
    | 'DEPENDENCY_UNDECLARED'
    | 'DEPENDENCY_UNAVAILABLE'
    | 'EXPORT_NOT_FOUND'
    | 'EXPORT_UNSUITABLE'
    | 'EXPORTS_ACROSS_PROCESSES'
  >;
}

/**
 * A call that may go well a moment later. It has the form of the package `http-errors`, so Nest and Fastify answer the
 * request that made the call with 503.
 */
export class ExportUnavailable extends NestdockError {
  readonly statusCode = 503;
  readonly expose = true;
}

export function unavailable(dependent: string, { module, key }: AskedExport): ExportUnavailable {
  return new ExportUnavailable('DEPENDENCY_UNAVAILABLE', `${dependent} uses ${key} of ${module}, which does not serve`);
}

export function undeclaredProblem(
  dependent: string,
  { module, key }: AskedExport,
  declared: readonly string[],
): ExportProblem {
  return {
    code: 'DEPENDENCY_UNDECLARED',
    message: `${dependent} uses ${key} of ${module}, which "dependencies" in its manifest does not name`,
    hint: didYouMean(module, declared) ?? `add "${module}" to "dependencies", with a range of its versions`,
    file: 'manifest.json',
    pointer: '/dependencies',
  };
}

export function elsewhereProblem(dependent: string, { module, key }: AskedExport): ExportProblem {
  return {
    code: 'EXPORTS_ACROSS_PROCESSES',
    message: `${dependent} uses ${key} of ${module}, and the two do not run in the same process`,
    hint: 'run both inline, or call its routes by `context.hostUrl`',
  };
}

/** undefined where the offer has it. */
export function offerProblem(
  { module, key }: AskedExport,
  { generation, providers }: Offer,
): ExportProblem | undefined {
  const version = `${module} ${generation.release.version}`;
  const provider = providers.get(key);
  if (provider?.flaw === undefined && provider) return undefined;
  if (provider) {
    return {
      code: 'EXPORT_UNSUITABLE',
      message: `${key} of ${version} cannot be used by other modules: ${provider.flaw}`,
    };
  }
  const names = [...providers.keys()].sort();
  const list = names.length > 0 ? `its exports are ${names.join(', ')}` : 'it exports nothing';
  const hint = didYouMean(key, names);
  return { code: 'EXPORT_NOT_FOUND', message: `${version} does not export ${key}; ${list}`, ...(hint && { hint }) };
}

/** Everything that is wrong, under the code of the first. */
export function exportsFailure(problems: readonly [ExportProblem, ...ExportProblem[]]): NestdockError {
  const detail = problems.map(({ message, hint }) => (hint ? `${message} (${hint})` : message)).join('; ');
  return new NestdockError(problems[0].code, detail, { problems });
}

export function exportInUse(
  offer: Offer,
  lost: readonly { readonly dependent: string; readonly key: string }[],
): NestdockError {
  const { name, version } = offer.generation.release;
  const uses = lost.map(({ dependent, key }) => `${dependent} uses ${key}`).join(', ');
  return new NestdockError('EXPORT_IN_USE', `${name} ${version} no longer exports what others use: ${uses}`, {
    extensions: { dependents: [...new Set(lost.map(({ dependent }) => dependent))] },
  });
}

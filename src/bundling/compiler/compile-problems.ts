import { readFile } from 'node:fs/promises';
import { type RolldownError } from 'rolldown';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type InputProblem } from '../../common/errors/problem.js';
import { type RefusedImport } from './import-resolver.js';
import { MODULE_ENTRY_ID } from './module-entry.js';
import { type ModuleScope } from './module-scope.js';
import { importPosition } from './source-position.js';

/** What rolldown's codes are to an author. */
const PROBLEMS: Readonly<Record<string, { readonly code: string; readonly message?: string; readonly hint?: string }>> =
  {
    PARSE_ERROR: { code: 'SYNTAX_ERROR' },
    INVALID_TLA_FORMAT: {
      code: 'TOP_LEVEL_AWAIT',
      message: 'a module cannot await at the top level of a file',
      hint: 'Await inside a function: an async provider, `onModuleInit`, or the handler itself.',
    },
    MISSING_EXPORT: {
      code: 'EXPORT_NOT_FOUND',
      hint: 'For a type, write `import type` or `export type`.',
    },
    UNRESOLVED_IMPORT: {
      code: 'IMPORT_NOT_FOUND',
      hint: "Install the package in the module's folder, or put the `require` in a `try` where the module can do without it.",
    },
  };

/** What an author is told of all that the bundler and the resolver found. */
export async function compileError(
  errors: readonly RolldownError[],
  refused: readonly RefusedImport[],
  scope: ModuleScope,
): Promise<NestdockError> {
  const problems = [
    ...errors.map((error) => bundlerProblem(error, scope)),
    ...(await Promise.all(refused.map((wanted) => importProblem(wanted, scope)))),
  ].sort(byPlace);
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new NestdockError('BUNDLE_FAILED', `${first ? problemLine(first) : 'the bundler failed'}${more}`, {
    problems,
  });
}

function bundlerProblem(error: RolldownError, scope: ModuleScope): InputProblem {
  const known = PROBLEMS[error.code ?? ''] ?? { code: 'BUNDLE_ERROR' };
  const file = error.loc?.file ?? error.id;
  return {
    code: known.code,
    message: known.message ?? headline(error),
    ...(known.hint !== undefined && { hint: known.hint }),
    ...(file !== undefined && { file: scope.display(file) }),
    ...(error.loc && { line: error.loc.line, column: error.loc.column + 1 }),
  };
}

/** rolldown draws the source below the first line, and begins that with the code. */
function headline({ message, code }: RolldownError): string {
  const [first = ''] = message.split('\n');
  return code !== undefined && first.startsWith(`[${code}] `) ? first.slice(code.length + 3) : first;
}

async function importProblem(
  { specifier, importer, problem }: RefusedImport,
  scope: ModuleScope,
): Promise<InputProblem> {
  if (importer === MODULE_ENTRY_ID) return { ...problem, file: 'manifest.json' };
  const position = importPosition(importer, await readFile(importer, 'utf8'), specifier);
  return { ...problem, file: scope.display(importer), ...position };
}

/** In one line: where, what. */
function problemLine({ file, line, column, message }: InputProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}

/** The order in which an author reads them. */
function byPlace(a: InputProblem, b: InputProblem): number {
  const files = (a.file ?? '').localeCompare(b.file ?? '');
  return files || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

import { didYouMean } from '../../common/did-you-mean.js';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type InputProblem } from '../../common/errors/problem.js';
import { type ModuleFunction } from '../../kernel/index.js';
import { type Manifest } from '../../manifest/index.js';
import { type BundleExports, type FileNamespace } from '../compiler/module-entry.js';
import { bundleFileKey, handlerReference, type NamedHandler, namedHandlers } from '../manifest-files.js';

const isFunction = (value: unknown): value is ModuleFunction => typeof value === 'function';

/**
 * Finds every handler that a manifest names.
 * @returns by reference
 * @throws HANDLER_NOT_FOUND with every handler that is not there.
 */
export function resolveHandlers(manifest: Manifest, bundle: BundleExports): Map<string, ModuleFunction> {
  const handlers = new Map<string, ModuleFunction>();
  const problems: InputProblem[] = [];
  for (const named of namedHandlers(manifest)) {
    const found = findHandler(named, manifest, bundle);
    if (isFunction(found)) handlers.set(named.reference, found);
    else problems.push({ ...found, file: 'manifest.json', pointer: named.pointer });
  }
  const [first] = problems;
  if (first) throw new NestdockError('HANDLER_NOT_FOUND', first.message, { problems });
  return handlers;
}

type Finding = Pick<InputProblem, 'code' | 'message' | 'hint'>;

function findHandler(
  { reference }: NamedHandler,
  manifest: Manifest,
  { files }: BundleExports,
): ModuleFunction | Finding {
  const parsed = handlerReference(reference);
  const file = parsed.from === 'file' ? parsed.file : manifest.entry;
  if (file === undefined) {
    return {
      code: 'HANDLER_WITHOUT_ENTRY',
      message: `"${reference}" names an export of the entry, and the manifest has no entry`,
      hint: `Name the file as well, as in "./src/index.ts#${reference}", or add "entry".`,
    };
  }
  const namespace = files[bundleFileKey(file)];
  if (!namespace) throw new Error(`the bundle does not hold ${file}`);
  return parsed.exportName === undefined ? soleFunction(file, namespace) : exported(file, parsed.exportName, namespace);
}

/** The default export, else the only function among the others. */
function soleFunction(file: string, namespace: FileNamespace): ModuleFunction | Finding {
  if (isFunction(namespace.default)) return namespace.default;
  const functions = functionNames(namespace);
  const sole = functions.length === 1 ? namespace[functions[0] ?? ''] : undefined;
  if (isFunction(sole)) return sole;
  return functions.length === 0
    ? { code: 'HANDLER_NOT_FOUND', message: `${file} exports no function` }
    : {
        code: 'HANDLER_AMBIGUOUS',
        message: `${file} exports ${list(functions)}, none of them as default`,
        hint: `Say which, as in "${file}#${functions[0]}".`,
      };
}

function exported(file: string, name: string, namespace: FileNamespace): ModuleFunction | Finding {
  const value = Object.hasOwn(namespace, name) ? namespace[name] : undefined;
  if (isFunction(value)) return value;
  if (value !== undefined) {
    return { code: 'HANDLER_NOT_A_FUNCTION', message: `"${name}" of ${file} is ${typeof value}, not a function` };
  }
  const functions = functionNames(namespace);
  const hint = didYouMean(name, functions);
  return {
    code: 'HANDLER_NOT_FOUND',
    message: `${file} does not export "${name}"; its functions are: ${functions.length > 0 ? list(functions) : 'none'}`,
    ...(hint !== undefined && { hint }),
  };
}

function functionNames(namespace: FileNamespace): string[] {
  return Object.keys(namespace).filter((name) => isFunction(namespace[name]) && name !== 'module.exports');
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

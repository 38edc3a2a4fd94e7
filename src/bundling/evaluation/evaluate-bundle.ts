import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { type BundleExports } from '../compiler/module-entry.js';
import { FILE_LOCATION, type FileLocation } from './file-location.js';
import { type ModuleRequire } from './module-require.js';
import { reflectForModules } from './realm.js';

export interface BundleSource {
  readonly code: string;
  /** What V8 knows the code by. */
  readonly fileName: string;
  /** The module's folder. */
  readonly folder: string;
  readonly require: ModuleRequire;
  /** By name, what the code finds in place of globals. */
  readonly globals: Readonly<Record<string, unknown>>;
}

const reflect = reflectForModules();

type Evaluate = (...parameters: unknown[]) => void;

/** Runs a module's top level, as a function, which can be freed, unlike an ES module. */
export function evaluateBundle({ code, fileName, folder, require, globals }: BundleSource): BundleExports {
  const module = { exports: {} };
  const parameters = {
    exports: module.exports,
    require,
    module,
    __filename: join(folder, 'bundle.cjs'),
    __dirname: folder,
    Reflect: reflect,
    ...globals,
    [FILE_LOCATION]: (key: string) => locate(join(folder, key)),
  };
  const evaluate = compileFunction(code, Object.keys(parameters), { filename: fileName }) as Evaluate;
  evaluate.apply(module.exports, Object.values(parameters));
  return module.exports as BundleExports;
}

function locate(filename: string): FileLocation {
  return { filename, dirname: dirname(filename), url: pathToFileURL(filename).href };
}

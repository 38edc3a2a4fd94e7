import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { type ModuleInfo, type OutputChunk, type Plugin, rolldown, type RolldownError, VERSION } from 'rolldown';
import { type TransformOptions } from 'rolldown/utils';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type InputProblem } from '../../common/errors/problem.js';
import { type Bundle } from '../../kernel/index.js';
import { type BundleInput, folderInput, readInput, readOptionalInput } from '../cache/input-file.js';
import { HostPackages } from '../host-packages.js';
import { bundlerProblem, byPlace, importProblem, problemLine } from './compile-problems.js';
import { locateFile } from './file-location.js';
import { ImportResolver } from './import-resolver.js';
import { isMetadataOnly } from './missing-exports.js';
import { MODULE_ENTRY_ID, moduleEntrySource } from './module-entry.js';
import { type ModuleScope } from './module-scope.js';
import { readTsconfigPaths } from './tsconfig-paths.js';

/**
 * TypeScript as Nest needs it, whatever the author's tsconfig says. Fields are assigned after the constructor's
 * parameter properties, and one without a value leaves no property: what decorators of both kinds of code rely on.
 */
const TYPESCRIPT: TransformOptions = {
  target: 'node20',
  decorator: { legacy: true, emitDecoratorMetadata: true },
  assumptions: { setPublicClassFields: true },
  typescript: { removeClassFieldsWithoutInitializer: true },
};

/** Counts up with every change of what this compiler makes of the same input. */
const COMPILER_REVISION = 1;

export interface CompileRequest {
  readonly scope: ModuleScope;
  /** By the key that the bundle exports it under, the absolute path of each file that the manifest names. */
  readonly files: ReadonlyMap<string, string>;
}

export interface CompileResult {
  readonly bundle: Bundle;
  /** Everything that the bundle depends on. */
  readonly inputs: readonly BundleInput[];
}

/** Compiles a module's files into one CommonJS text. Nothing of the module's code runs. */
@Injectable()
export class BundleCompiler {
  constructor(private readonly hostPackages: HostPackages) {}

  /** Names everything but the inputs that a bundle depends on. */
  fingerprint(): string {
    return `${COMPILER_REVISION} rolldown@${VERSION} ${this.hostPackages.fingerprint()}`;
  }

  /** @throws BUNDLE_FAILED with every problem that was found. */
  async compile(request: CompileRequest): Promise<CompileResult> {
    return new Compilation(request, this.hostPackages).run();
  }
}

class Compilation {
  readonly #inputs = new Map<string, BundleInput>();

  constructor(
    private readonly request: CompileRequest,
    private readonly hostPackages: HostPackages,
  ) {}

  async run(): Promise<CompileResult> {
    const bundle = await this.#bundle(false);
    await this.#addSurroundings();
    return { bundle, inputs: [...this.#inputs.values()] };
  }

  /** @param shimMissing lets imports of what is not exported pass, as undefined */
  async #bundle(shimMissing: boolean): Promise<Bundle> {
    const { scope } = this.request;
    const tsconfig = join(scope.folder, 'tsconfig.json');
    const { text = '{}', input } = await readOptionalInput(tsconfig);
    this.#inputs.set(tsconfig, input);
    const resolver = new ImportResolver(scope, this.hostPackages, readTsconfigPaths(tsconfig, text));
    const outcome = await this.#generate(resolver, shimMissing);
    if ('errors' in outcome) {
      const untolerated = await partition(outcome.errors);
      if (untolerated.length === 0 && resolver.refused.length === 0 && !shimMissing) return this.#bundle(true);
      throw await failure(untolerated, resolver, scope);
    }
    if (resolver.refused.length > 0) throw await failure([], resolver, scope);
    return asBundle(outcome.chunk, resolver.shared);
  }

  async #generate(
    resolver: ImportResolver,
    shimMissingExports: boolean,
  ): Promise<{ readonly chunk: OutputChunk } | { readonly errors: readonly RolldownError[] }> {
    const { folder } = this.request.scope;
    const bundler = await rolldown({
      input: MODULE_ENTRY_ID,
      cwd: folder,
      platform: 'node',
      tsconfig: false,
      logLevel: 'silent',
      shimMissingExports,
      transform: TYPESCRIPT,
      plugins: [this.#plugin(resolver)],
    });
    try {
      const { output } = await bundler.generate({
        dir: folder,
        format: 'cjs',
        exports: 'named',
        codeSplitting: false,
        dynamicImportInCjs: false,
        keepNames: true,
        sourcemap: 'hidden',
        // Classes that name each other in their decorators, in files that import each other, meet undefined and not an error:
        // Nest's `forwardRef` relies on that.
        topLevelVar: true,
        sourcemapExcludeSources: true,
        sourcemapIgnoreList: false,
      });
      return { chunk: output[0] };
    } catch (error) {
      if (error instanceof Error && 'errors' in error) return { errors: error.errors as RolldownError[] };
      throw error;
    } finally {
      await bundler.close();
    }
  }

  #plugin(resolver: ImportResolver): Plugin {
    const { scope, files } = this.request;
    return {
      name: 'nestdock',
      async resolveId(specifier, importer, { kind }) {
        if (specifier === MODULE_ENTRY_ID) return MODULE_ENTRY_ID;
        // The compiler's own helpers.
        if (importer === undefined || specifier.startsWith('\0') || specifier.startsWith('@oxc-project/runtime/'))
          return null;
        return resolver.resolve(this, { specifier, importer, kind });
      },
      load: async (id) => {
        if (id === MODULE_ENTRY_ID) return { code: moduleEntrySource(files), moduleType: 'js' };
        if (id.startsWith('\0')) return null;
        const { text, input } = await readInput(id);
        this.#inputs.set(id, input);
        return { code: text };
      },
      transform: (text, id) => {
        if (id.startsWith('\0') || !/\.[cm]?[jt]sx?$/.test(id)) return null;
        const located = locateFile(id, scope.display(id), text, TYPESCRIPT);
        return located ? { ...located, moduleType: 'js' } : null;
      },
      banner({ moduleIds }) {
        return moduleIds.some((id) => isSloppy(this.getModuleInfo(id))) ? '' : '"use strict";';
      },
    };
  }

  /** What decides where imports lead: names in the folders of the sources and packages, and the packages' own descriptions. */
  async #addSurroundings(): Promise<void> {
    const { scope } = this.request;
    const { folder, packageFolders } = scope;
    const files = [...this.#inputs.keys()];
    const own = files.filter((file) => !scope.isPackageFile(file)).map((file) => dirname(file));
    const packages = files.filter((file) => scope.isPackageFile(file)).flatMap((file) => packageRootOf(file) ?? []);
    const descriptions = new Set([folder, ...packages].map((root) => join(root, 'package.json')));
    const surroundings = await Promise.all([
      ...[...new Set([...own.filter((path) => path !== folder), ...packageFolders])].map((path) => folderInput(path)),
      ...[...descriptions].map(async (path) => (await readOptionalInput(path)).input),
    ]);
    for (const input of surroundings) this.#inputs.set(input.path, input);
  }
}

/** ES modules are strict, and stay so in a bundle unless a CommonJS file in it was not written to be. */
function isSloppy(file: ModuleInfo | null): boolean {
  return file?.inputFormat === 'cjs' && !/^\s*(['"])use strict\1/m.test(file.code ?? '');
}

/** The folder of the package that a file belongs to. */
function packageRootOf(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

async function partition(errors: readonly RolldownError[]): Promise<RolldownError[]> {
  const tolerable = await Promise.all(errors.map(isMetadataOnly));
  return errors.filter((_error, index) => !tolerable[index]);
}

async function failure(
  errors: readonly RolldownError[],
  resolver: ImportResolver,
  scope: ModuleScope,
): Promise<NestdockError> {
  const problems: InputProblem[] = [
    ...errors.map((error) => bundlerProblem(error, scope)),
    ...(await Promise.all(resolver.refused.map((refused) => importProblem(refused, scope)))),
  ].sort(byPlace);
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new NestdockError('BUNDLE_FAILED', `${first ? problemLine(first) : 'The bundler failed'}${more}`, {
    problems,
  });
}

function asBundle({ code, map }: OutputChunk, shared: ReadonlySet<string>): Bundle {
  return {
    hash: createHash('sha256').update(code).digest('hex'),
    code,
    map: JSON.stringify(map),
    // Type-only imports are gone from the code, and so is what tree shaking has dropped.
    externals: [...shared].filter((specifier) => code.includes(`require(${JSON.stringify(specifier)})`)).sort(),
  };
}

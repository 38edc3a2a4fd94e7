import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type ModuleInfo, type OutputChunk, type Plugin, rolldown, type RolldownError } from 'rolldown';
import { type TransformOptions } from 'rolldown/utils';
import { type Bundle, CODE_MARK } from '../../kernel/index.js';
import { type BundleInput, folderInput, readInput, readOptionalInput } from '../cache/input-file.js';
import { type HostPackages } from '../host-packages.js';
import { compileError } from './compile-problems.js';
import { locateFile } from './locate-file.js';
import { ImportResolver } from './import-resolver.js';
import { isMetadataOnly } from './missing-exports.js';
import { MODULE_ENTRY_ID, moduleEntrySource } from './module-entry.js';
import { type ModuleScope } from './module-scope.js';
import { readTsconfigPaths } from './tsconfig-paths.js';

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

/** One run of the compiler. */
export class Compilation {
  readonly #inputs = new Map<string, BundleInput>();
  readonly #tsconfig: string;

  constructor(
    private readonly request: CompileRequest,
    private readonly hostPackages: HostPackages,
  ) {
    this.#tsconfig = join(request.scope.folder, 'tsconfig.json');
  }

  async run(): Promise<CompileResult> {
    const bundle = await this.#bundle(false);
    await this.#addSurroundings();
    return { bundle, inputs: [...this.#inputs.values()] };
  }

  /** @param shimMissing lets imports of what is not exported pass, as undefined */
  async #bundle(shimMissing: boolean): Promise<Bundle> {
    const { scope } = this.request;
    const { text = '{}', input } = await readOptionalInput(this.#tsconfig);
    this.#inputs.set(this.#tsconfig, input);
    const resolver = new ImportResolver(scope, this.hostPackages, readTsconfigPaths(this.#tsconfig, text));
    const outcome = await this.#generate(resolver, shimMissing);
    if ('errors' in outcome) {
      const untolerated = await partition(outcome.errors);
      if (untolerated.length === 0 && resolver.refused.length === 0 && !shimMissing) return this.#bundle(true);
      throw await compileError(untolerated, resolver.refused, scope);
    }
    if (resolver.refused.length > 0) throw await compileError([], resolver.refused, scope);
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
        // Mentioned in a function, it is held by the scope that all functions of the bundle share. Elsewhere than here, the
        // statement would be taken out, as it does nothing.
        postFooter: `void (() => ${CODE_MARK});`,
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
    const sources = [...this.#inputs.keys()].filter((file) => file !== this.#tsconfig);
    const own = sources.filter((file) => !scope.isPackageFile(file)).map((file) => dirname(file));
    const packages = sources.filter((file) => scope.isPackageFile(file)).flatMap((file) => packageRootOf(file) ?? []);
    const descriptions = new Set([folder, ...packages].map((root) => join(root, 'package.json')));
    const surroundings = await Promise.all([
      ...[...new Set([...own, ...packageFolders])].map((path) => folderInput(path)),
      ...[...descriptions].map(async (path) => (await readOptionalInput(path)).input),
    ]);
    for (const input of surroundings) this.#inputs.set(input.path, input);
  }
}

/** The directive, before which only comments stand. */
const USE_STRICT = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*(['"])use strict\1/;

/** ES modules are strict, and stay so in a bundle unless a CommonJS file in it was not written to be. */
function isSloppy(file: ModuleInfo | null): boolean {
  return file?.inputFormat === 'cjs' && !USE_STRICT.test(file.code ?? '');
}

/** The folder of the package that a file belongs to. */
function packageRootOf(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

async function partition(errors: readonly RolldownError[]): Promise<RolldownError[]> {
  const tolerable = await Promise.all(errors.map(isMetadataOnly));
  return errors.filter((_error, index) => !tolerable[index]);
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

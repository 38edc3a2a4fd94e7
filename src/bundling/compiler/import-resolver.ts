import { realpath } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { isAbsolute, sep } from 'node:path';
import { type PluginContext } from 'rolldown';
import { type InputProblem } from '../../common/errors/problem.js';
import { type HostPackages, packageNameOf } from '../host-packages.js';
import { MODULE_ENTRY_ID } from './module-entry.js';
import { type ModuleScope } from './module-scope.js';
import { type PathsResolver } from './tsconfig-paths.js';

/** Begins the specifier of a native addon: the path from the module's folder follows. */
export const NATIVE_ADDON = 'nestdock-native:';

export type ImportKind =
  'import-statement' | 'dynamic-import' | 'require-call' | 'import-rule' | 'url-token' | 'new-url' | 'hot-accept';

export interface Import {
  readonly specifier: string;
  /** Absolute path, or {@link MODULE_ENTRY_ID}. */
  readonly importer: string;
  readonly kind: ImportKind;
}

/** An import that the module must not or cannot have. */
export interface RefusedImport extends Import {
  readonly problem: Pick<InputProblem, 'code' | 'message' | 'hint'>;
}

export type Resolution = { readonly id: string; readonly external: boolean } | null;

/** Where the imports of one module lead: to the host, to Node, or to a file that the module may have. */
export class ImportResolver {
  readonly refused: RefusedImport[] = [];
  /** Specifiers that the host answers. */
  readonly shared = new Set<string>();

  constructor(
    private readonly scope: ModuleScope,
    private readonly hostPackages: HostPackages,
    private readonly paths: PathsResolver,
  ) {}

  /** null leaves the import to the bundler. */
  async resolve(bundler: PluginContext, wanted: Import): Promise<Resolution> {
    const { specifier } = wanted;
    if (isBuiltin(specifier)) return { id: specifier, external: true };
    if (this.hostPackages.provides(specifier)) {
      this.shared.add(specifier);
      return { id: specifier, external: true };
    }
    const path = await this.#find(bundler, wanted);
    if (path === undefined) return this.#missing(wanted);
    if (!this.scope.allows(path)) return this.#outside(wanted, path);
    if (path.endsWith('.node')) return { id: NATIVE_ADDON + this.scope.display(path), external: true };
    return { id: path, external: false };
  }

  async #find(bundler: PluginContext, { specifier, importer, kind }: Import): Promise<string | undefined> {
    const mapped = this.scope.isPackageFile(importer) ? [] : this.paths(specifier);
    for (const candidate of [...mapped, specifier]) {
      const found = await bundler.resolve(candidate, importer, { kind, skipSelf: true });
      if (found && isAbsolute(found.id)) return realpath(found.id);
    }
    return undefined;
  }

  #missing(wanted: Import): Resolution {
    // A package may ask for what it can do without: the bundler knows a `require` in a `try`, the rest fails when reached.
    if (wanted.kind === 'require-call') return null;
    if (wanted.kind === 'dynamic-import' && this.scope.isPackageFile(wanted.importer)) return asExternal(wanted);
    return this.#refuse(wanted, isBare(wanted.specifier) ? packageNotFound(wanted) : fileNotFound(wanted, this.scope));
  }

  #outside(wanted: Import, path: string): Resolution {
    // Found in a `node_modules` above the module's reach, such as the host's own: not there, as far as the module goes.
    if (isBare(wanted.specifier) && path.includes(`${sep}node_modules${sep}`)) {
      return wanted.kind === 'require-call' ? asExternal(wanted) : this.#refuse(wanted, packageNotFound(wanted));
    }
    return this.#refuse(wanted, {
      code: 'IMPORT_OUTSIDE_MODULE',
      message: `"${wanted.specifier}" leads to ${this.scope.display(path)}, outside the module's folder`,
      hint: isBare(wanted.specifier)
        ? 'Install a copy of the package; a link that leaves the folder is not followed.'
        : "Move the file into the module's folder, or make it a package that the module installs.",
    });
  }

  /** Goes on, so that everything that is wrong shows at once. */
  #refuse(wanted: Import, problem: RefusedImport['problem']): Resolution {
    this.refused.push({ ...wanted, problem });
    return asExternal(wanted);
  }
}

const asExternal = ({ specifier }: Import): Resolution => ({ id: specifier, external: true });

const isBare = (specifier: string): boolean => !specifier.startsWith('.') && !isAbsolute(specifier);

function packageNotFound({ specifier }: Import): RefusedImport['problem'] {
  const name = packageNameOf(specifier);
  return {
    code: 'PACKAGE_NOT_FOUND',
    message:
      name === specifier
        ? `package "${name}" is not installed`
        : `"${specifier}" is not in an installed package "${name}"`,
    hint: `Run \`npm install ${name}\` in the module's folder.`,
  };
}

function fileNotFound({ specifier, importer }: Import, scope: ModuleScope): RefusedImport['problem'] {
  const file = importer === MODULE_ENTRY_ID ? scope.display(specifier) : specifier;
  return { code: 'FILE_NOT_FOUND', message: `"${file}" leads to no file` };
}

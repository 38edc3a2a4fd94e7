import { dirname, join, relative, sep } from 'node:path';
import { isWithin } from '../../common/resolve-inside.js';

/** Which files may become part of a module: those of its folder, and packages from its folder upwards to a bound. */
export class ModuleScope {
  /** Every `node_modules` that packages may come from, nearest first. */
  readonly packageFolders: readonly string[];

  /**
   * @param folder real path of the module's folder
   * @param roots real paths; packages are found no further up than the innermost one that holds the folder
   */
  constructor(
    readonly folder: string,
    roots: readonly string[],
  ) {
    const bound = roots
      .filter((root) => isWithin(root, folder))
      .reduce<string | undefined>((inner, root) => (inner && isWithin(root, inner) ? inner : root), undefined);
    this.packageFolders = packageFoldersUpTo(folder, bound ?? folder);
  }

  /** @param path a real path */
  allows(path: string): boolean {
    return isWithin(this.folder, path) || this.packageFolders.some((packages) => isWithin(packages, path));
  }

  /** Whether the path is of a package, and not of the author's own files. */
  isPackageFile(path: string): boolean {
    return !isWithin(this.folder, path) || this.display(path).split('/').includes('node_modules');
  }

  /** The path as a problem or a bundle names it: from the module's folder, with slashes. */
  display(path: string): string {
    return relative(this.folder, path).split(sep).join('/');
  }
}

function packageFoldersUpTo(folder: string, bound: string): string[] {
  const own = join(folder, 'node_modules');
  return folder === bound ? [own] : [own, ...packageFoldersUpTo(dirname(folder), bound)];
}

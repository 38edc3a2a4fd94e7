import { describe, expect, it } from '@jest/globals';
import { ModuleScope } from './module-scope.js';

describe('the files that a module may be made of', () => {
  it('are packages up to the innermost root that holds it, and its own', () => {
    const scope = new ModuleScope('/srv/modules/team/meter', ['/srv', '/srv/modules', '/elsewhere']);
    expect(scope.packageFolders).toEqual([
      '/srv/modules/team/meter/node_modules',
      '/srv/modules/team/node_modules',
      '/srv/modules/node_modules',
    ]);
    expect(scope.allows('/srv/modules/team/meter/src/index.ts')).toBe(true);
    expect(scope.allows('/srv/modules/node_modules/pg/index.js')).toBe(true);
    expect(scope.allows('/srv/node_modules/pg/index.js')).toBe(false);
    expect(scope.allows('/srv/modules/team/meter-2/src/index.ts')).toBe(false);
    expect(scope.allows('/srv/modules/team/package.json')).toBe(false);
  });

  it('are its own alone where no root holds it', () => {
    expect(new ModuleScope('/opt/meter', ['/srv/modules']).packageFolders).toEqual(['/opt/meter/node_modules']);
  });

  it('tell the author’s from those of packages, also where the module is a package itself', () => {
    const scope = new ModuleScope('/srv/node_modules/meter', ['/srv']);
    expect(scope.isPackageFile('/srv/node_modules/meter/src/index.ts')).toBe(false);
    expect(scope.isPackageFile('/srv/node_modules/meter/node_modules/pg/index.js')).toBe(true);
    expect(scope.isPackageFile('/srv/node_modules/pg/index.js')).toBe(true);
    expect(scope.display('/srv/node_modules/pg/index.js')).toBe('../pg/index.js');
  });
});

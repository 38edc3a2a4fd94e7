import { describe, expect, it } from '@jest/globals';
import { readTsconfigPaths } from './tsconfig-paths.js';

describe('paths of a tsconfig', () => {
  const resolve = readTsconfigPaths(
    '/m/tsconfig.json',
    `{
      // comments and trailing commas are as good as in tsc
      "compilerOptions": { "baseUrl": "./src", "paths": {
        "@/*": ["./*", "../generated/*"], "@/deep/*": ["deep/*.ts"], "config": ["config/index.ts"], "*.css": ["styles/*.ts"],
      } },
    }`,
  );

  it.each([
    ['config', ['/m/src/config/index.ts']],
    ['@/a/b', ['/m/src/a/b', '/m/generated/a/b']],
    ['@/deep/c', ['/m/src/deep/c.ts']],
    ['theme.css', ['/m/src/styles/theme.ts']],
    ['config/other', []],
    ['@', []],
  ])('lead %s to %j', (specifier, paths) => {
    expect(resolve(specifier)).toEqual(paths);
  });

  it.each([
    '',
    '[]',
    '{ "compilerOptions": { "paths": 3 } }',
    '{ "compilerOptions": { "paths": { "a": 3 } } }',
    '{ nonsense',
  ])('are none in %j', (text) => {
    expect(readTsconfigPaths('/m/tsconfig.json', text)('a')).toEqual([]);
  });
});

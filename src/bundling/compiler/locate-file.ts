import { transformSync, type TransformOptions } from 'rolldown/utils';
import { FILE_LOCATION } from '../evaluation/file-location.js';

const MENTION = /\bimport\s*\.\s*meta\b|\b__dirname\b|\b__filename\b/;

/**
 * In one bundle, every file would see the bundle's own `__dirname` and `import.meta`: each gets those of the author's file.
 * @param file absolute path
 * @param key its path from the module's folder
 * @returns undefined where the file asks for none of them, or does not parse: the bundler reports that.
 */
export function locateFile(
  file: string,
  key: string,
  text: string,
  options: TransformOptions,
): { readonly code: string; readonly map: string } | undefined {
  if (!MENTION.test(text)) return undefined;
  const location = `${FILE_LOCATION}(${JSON.stringify(key)})`;
  const { code, map, errors } = transformSync(file, text, {
    ...options,
    sourcemap: true,
    sourceType: sourceTypeOf(file),
    define: {
      'import.meta.url': `${location}.url`,
      'import.meta.filename': `${location}.filename`,
      'import.meta.dirname': `${location}.dirname`,
      __filename: `${location}.filename`,
      __dirname: `${location}.dirname`,
    },
  });
  return errors.length > 0 ? undefined : { code, map: JSON.stringify(map) };
}

function sourceTypeOf(file: string): TransformOptions['sourceType'] {
  if (/\.c[jt]s$/.test(file)) return 'commonjs';
  return /\.js$/.test(file) ? 'unambiguous' : 'module';
}

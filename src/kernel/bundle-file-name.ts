import { type CodeOrigin } from './code-origin.js';

/** The name that V8 knows a generation's code by: unique in this host, such as `nestdock:hello@3/bundle.cjs`. */
export const bundleFileName = ({ module, generation }: CodeOrigin): string =>
  `nestdock:${module}@${generation}/bundle.cjs`;

const BUNDLE_FILE_NAME = /^nestdock:(?<module>[^@/]+)@(?<generation>\d+)\/bundle\.cjs$/;

/** undefined for the name of any other file. */
export function parseBundleFileName(fileName: string): CodeOrigin | undefined {
  const { module, generation } = BUNDLE_FILE_NAME.exec(fileName)?.groups ?? {};
  return module === undefined ? undefined : { module, generation: Number(generation) };
}

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface WrittenModule {
  readonly name: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Further keys of the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** By path in the folder; `index.ts` is the entry where there is one. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * A plugin that logs `begins`, takes its time and logs `serves`; as it goes, it logs `goes`. So the order in which
 * modules are loaded and taken down is that of the log.
 */
export const logsItsLife = (ms = 20): string => `
  import { setTimeout as sleep } from 'node:timers/promises';
  export default async (app, { context }) => {
    context.logger.info('begins');
    await sleep(${ms});
    context.logger.info('serves');
    app.addHook('onClose', async () => { await sleep(${ms}); context.logger.info('goes'); });
    app.get('/version', async () => ({ version: context.module.version }));
  };`;

/** Writes a module anew into a `MODULES_DIR`. */
export async function writeModule(modulesDir: string, module: WrittenModule): Promise<void> {
  const { name, version = '1.0.0', dependencies = {}, manifest = {} } = module;
  const files = module.files ?? { 'index.ts': logsItsLife() };
  const folder = join(modulesDir, name);
  await rm(folder, { recursive: true, force: true });
  const described = {
    name,
    version,
    displayName: name,
    description: 'Written by a test',
    author: 'Tests',
    dependencies,
    ...('index.ts' in files && { entry: './index.ts' }),
    ...manifest,
  };
  for (const [path, text] of Object.entries({ ...files, 'manifest.json': JSON.stringify(described, null, 2) })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

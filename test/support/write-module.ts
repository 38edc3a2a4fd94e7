import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a module's folder: a manifest with these keys, and files by their path in it. */
export async function writeModule(
  modulesDir: string,
  manifest: { readonly name: string } & Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const described = { version: '1.0.0', displayName: manifest.name, description: 'A test module', author: 'Test' };
  const all = { 'manifest.json': JSON.stringify({ ...described, ...manifest }), ...files };
  for (const [path, content] of Object.entries(all)) {
    const file = join(modulesDir, manifest.name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

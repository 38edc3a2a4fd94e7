import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { type Isolation } from '../../src/kernel/index.js';
import { type Meter } from './bystander.js';
import { type Outcome } from './chaos-host.js';

export type Row = Outcome & { readonly title: string };

/** What one run of the suite has found. */
export interface Outcomes {
  readonly isolation: Isolation;
  /** What the bystander's users met while nobody did anything wrong. */
  readonly quiet: Meter;
  readonly rows: readonly Row[];
}

/** All faults, or one or two of each kind. */
export const isFullRun = process.env['CHAOS'] === 'full';

/** Keeps what was found for the table, where somebody wants one. */
export async function keepOutcomes(isolation: Isolation, quiet: Meter, rows: readonly Row[]): Promise<void> {
  const folder = process.env['CHAOS_OUT'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, `${isolation}.json`),
    JSON.stringify({ isolation, quiet, rows } satisfies Outcomes, null, 2),
  );
}

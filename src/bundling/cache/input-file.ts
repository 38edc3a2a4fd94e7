import { createHash } from 'node:crypto';
import { type BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hasErrorCode } from '../../common/error-code.js';

/** A file or folder that a bundle depends on, as it was when the bundle was made. */
export interface BundleInput {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Cheap sign of no change; null: there was nothing at this path. */
  readonly stamp: string | null;
  /** SHA-256 of a file's content, as hex. */
  readonly hash?: string;
}

/**
 * A file system's clock may tick as coarsely as this (ms). What changed less than a tick before it was looked
 * at may change again and keep its stamp, so such a stamp proves nothing.
 */
const CLOCK_TICK_MS = 20n;

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const isMissing = (error: unknown): boolean => hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ENOTDIR');

async function statOrNull(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function stampOf(stats: BigIntStats, kind: BundleInput['kind']): string {
  const changed = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
  const settled = changed / 1_000_000n + CLOCK_TICK_MS < BigInt(Date.now());
  const identity =
    kind === 'file' ? `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : `${stats.mtimeNs}`;
  return settled ? identity : `unsettled:${identity}`;
}

/** Reads a file together with what tells later whether it has changed. */
export async function readInput(path: string): Promise<{ readonly text: string; readonly input: BundleInput }> {
  // The stamp first: a change while reading then shows as a change.
  const stats = await stat(path, { bigint: true });
  const content = await readFile(path);
  const input = { path, kind: 'file', stamp: stampOf(stats, 'file'), hash: sha256(content) } as const;
  return { text: content.toString('utf8').replace(/^\uFEFF/, ''), input };
}

/** As {@link readInput}; that a file is not there is an input too. */
export async function readOptionalInput(
  path: string,
): Promise<{ readonly text: string | undefined; readonly input: BundleInput }> {
  try {
    return await readInput(path);
  } catch (error) {
    if (isMissing(error)) return { text: undefined, input: { path, kind: 'file', stamp: null } };
    throw error;
  }
}

/** A folder whose list of names decides what an import finds. */
export async function folderInput(path: string): Promise<BundleInput> {
  const stats = await statOrNull(path);
  return { path, kind: 'folder', stamp: stats && stampOf(stats, 'folder') };
}

/**
 * Looks whether an input is as it was.
 * @returns the input with its present stamp, or undefined where it has changed.
 */
export async function unchangedInput(input: BundleInput): Promise<BundleInput | undefined> {
  const stats = await statOrNull(input.path);
  const stamp = stats && stampOf(stats, input.kind);
  if (stamp === null || input.stamp === null || input.kind === 'folder') {
    return stamp === input.stamp && !stamp?.startsWith('unsettled:') ? input : undefined;
  }
  if (stamp === input.stamp && !stamp.startsWith('unsettled:')) return input;
  const { input: present } = await readInput(input.path);
  return present.hash === input.hash ? present : undefined;
}

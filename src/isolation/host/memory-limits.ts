import { type ManifestLimits } from '../../manifest/index.js';

/** What a process may take where its manifest says nothing. */
const DEFAULT_MB = 512;
/** Share of it that V8 may use for its heap; buffers, stacks and code are beside it. */
const HEAP_SHARE = 0.6;

export interface MemoryLimits {
  readonly heapMb: number;
  /** Resident memory, by the kernel's account. */
  readonly rssBytes: number;
}

export function memoryOf(_limits: ManifestLimits = {}): MemoryLimits {
  const total = DEFAULT_MB;
  return { heapMb: Math.floor(total * HEAP_SHARE), rssBytes: total * 2 ** 20 };
}

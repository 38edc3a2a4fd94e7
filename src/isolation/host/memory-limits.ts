import { type ManifestLimits } from '../../manifest/index.js';

/** Share of its memory that V8 may use for its heap; buffers, stacks and code are beside it. */
const HEAP_SHARE = 0.6;

export interface MemoryLimits {
  readonly heapMb: number;
  /** Resident memory, by the kernel's account. */
  readonly rssBytes: number;
}

/** What a process may take: what its manifest says, and no more than the host's own limit. */
export function memoryLimits({ memoryMb }: ManifestLimits = {}, mostMb: number): MemoryLimits {
  const total = Math.min(memoryMb ?? mostMb, mostMb);
  return { heapMb: Math.floor(total * HEAP_SHARE), rssBytes: total * 2 ** 20 };
}

import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { CODE_ORIGINS, type CodeOrigin, type CodeOrigins } from '../kernel/index.js';
import { type ResourceCounts, type ResourceKind } from './resource-kinds.js';

/** Something that a module has left. */
export interface Leftover {
  readonly kind: ResourceKind;
  readonly madeAt?: Error | undefined;
  /** Of a listener. */
  readonly event?: string | symbol;
}

/** Places that are named in one line: a module may have left thousands. */
const PLACES = 20;

/** Counts and reports what modules have left behind. */
@Injectable()
export class LeftBehind {
  readonly #counts = new Map<string, Map<ResourceKind, number>>();

  constructor(
    @Inject(CODE_ORIGINS) private readonly origins: CodeOrigins,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** To be called while the generation's traces are known. */
  report(origin: CodeOrigin, leftovers: readonly Leftover[]): void {
    if (leftovers.length === 0) return;
    const left = countByKind(leftovers, new Map<ResourceKind, number>());
    this.#counts.set(
      origin.module,
      countByKind(leftovers, this.#counts.get(origin.module) ?? new Map<ResourceKind, number>()),
    );
    const events = leftovers.flatMap(({ event }) => (event === undefined ? [] : [String(event)]));
    this.logger.warn(
      { ...origin, left: Object.fromEntries(left), at: this.#places(leftovers), ...(events.length > 0 && { events }) },
      'The module left behind what it had made; the host has ended it',
    );
  }

  /** By module, since the host's start; those without are left out. */
  counts(): Readonly<Record<string, ResourceCounts>> {
    return Object.fromEntries([...this.#counts].map(([module, counts]) => [module, Object.fromEntries(counts)]));
  }

  /** Such as `servers: /srv/modules/hello/src/index.ts:4:7`, each once. */
  #places(leftovers: readonly Leftover[]): string[] {
    const places = new Set<string>();
    for (const { kind, madeAt } of leftovers) {
      const position = madeAt && this.origins.positionOf(madeAt);
      if (position) places.add(`${kind}: ${position.file}:${position.line}:${position.column}`);
      if (places.size === PLACES) break;
    }
    return [...places];
  }
}

function countByKind(leftovers: readonly Leftover[], counts: Map<ResourceKind, number>): Map<ResourceKind, number> {
  for (const { kind } of leftovers) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { INCIDENTS, type Incidents } from '../kernel/index.js';
import { type Attribution } from './attribution.js';

/** What a module did that would have ended the host. */
export type FaultKind = 'exception' | 'rejection' | 'refused-call';

const MESSAGES: Readonly<Record<FaultKind, string>> = {
  exception: 'The module threw what nothing caught',
  rejection: 'The module left a promise alone that failed',
  'refused-call': 'The module called what would end or change the host',
};

/** Counts and reports the faults that are put down to modules. */
@Injectable()
export class ModuleFaults {
  readonly #counts = new Map<string, number>();
  /** A refused call fails with an error, which may come back uncaught: that is one fault. */
  readonly #reported = new WeakSet<Error>();

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(INCIDENTS) private readonly incidents: Incidents,
  ) {}

  /** Never throws. */
  report(kind: FaultKind, error: Error, { module, generation, position }: Attribution): void {
    if (this.#reported.has(error)) return;
    this.#reported.add(error);
    this.#counts.set(module, (this.#counts.get(module) ?? 0) + 1);
    const at = position && `${position.file}:${position.line}:${position.column}`;
    const fields = { module, generation, fault: kind, ...(at !== undefined && { at }) };
    try {
      this.logger.error({ ...fields, err: error }, MESSAGES[kind]);
    } catch {
      // The error is the module's, and so are its getters: nothing of it can be relied on.
      this.logger.error(fields, `${MESSAGES[kind]}, and it cannot be shown`);
    }
    const where = at === undefined ? '' : ` (${at})`;
    this.incidents.report({ module, generation, kind: 'crash', detail: `${MESSAGES[kind]}${where}` });
  }

  /** By module, since the host's start; those without are left out. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

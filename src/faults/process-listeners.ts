import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { CODE_ORIGINS, type CodeOrigin, type CodeOrigins } from '../kernel/index.js';
import { withWholeStack } from './whole-stack.js';

type Listener = (...args: unknown[]) => void;

interface Added {
  readonly event: string | symbol;
  readonly listener: Listener;
}

/** What listeners are added to: the process. */
export type ListenerHost = Pick<NodeJS.EventEmitter, 'on' | 'removeListener' | 'listeners'>;

const idOf = ({ module, generation }: CodeOrigin): string => `${module}@${generation}`;

/**
 * Knows the listeners that modules add to the process, and removes those that they leave behind. By the stack alone:
 * what a package of the host's adds while a module happens to be the first to load it is for all modules.
 */
@Injectable()
export class ProcessListeners {
  readonly #added = new Map<string, Added[]>();
  #host: ListenerHost | undefined;

  constructor(
    @Inject(CODE_ORIGINS) private readonly origins: CodeOrigins,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns what ends the watch */
  watch(host: ListenerHost): () => void {
    const onAdded = (event: string | symbol, listener: Listener): void => {
      const origin = this.origins.originOf(withWholeStack(onAdded, () => new Error('a listener is added')));
      if (!origin) return;
      const known = this.#added.get(idOf(origin)) ?? [];
      this.#added.set(idOf(origin), [...known, { event, listener }]);
    };
    const onRemoved = (event: string | symbol, listener: Listener): void => {
      for (const known of this.#added.values()) {
        const place = known.findIndex((added) => added.event === event && added.listener === listener);
        if (place >= 0) return void known.splice(place, 1);
      }
    };
    this.#host = host;
    host.on('newListener', onAdded);
    host.on('removeListener', onRemoved);
    return () => {
      this.#host = undefined;
      host.removeListener('newListener', onAdded);
      host.removeListener('removeListener', onRemoved);
    };
  }

  /** Removes what the generation has left. */
  release(origin: CodeOrigin): void {
    const left = [...(this.#added.get(idOf(origin)) ?? [])];
    this.#added.delete(idOf(origin));
    for (const { event, listener } of left) this.#host?.removeListener(event, listener);
    if (left.length === 0) return;
    this.logger.warn(
      { ...origin, events: left.map(({ event }) => String(event)) },
      'The module left listeners on the process; they were removed',
    );
  }
}

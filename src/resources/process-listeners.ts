import { Inject, Injectable } from '@nestjs/common';
import { withWholeStack } from '../common/whole-stack.js';
import { CODE_ORIGINS, type CodeOrigin, type CodeOrigins } from '../kernel/index.js';

type Listener = (...args: unknown[]) => void;

/** A listener that is still there. */
export interface AddedListener {
  readonly kind: 'listeners';
  readonly event: string | symbol;
  readonly listener: Listener;
  readonly madeAt: Error;
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
  readonly #added = new Map<string, AddedListener[]>();
  #host: ListenerHost | undefined;

  constructor(@Inject(CODE_ORIGINS) private readonly origins: CodeOrigins) {}

  /** @returns what ends the watch */
  watch(host: ListenerHost): () => void {
    const onAdded = (event: string | symbol, listener: Listener): void => {
      const madeAt = withWholeStack(onAdded, () => new Error('a listener is added'));
      const origin = this.origins.originOf(madeAt);
      if (!origin) return;
      const known = this.#added.get(idOf(origin)) ?? [];
      this.#added.set(idOf(origin), [...known, { kind: 'listeners', event, listener, madeAt }]);
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

  /** Removes what the generation has left. @returns what that was */
  release(origin: CodeOrigin): readonly AddedListener[] {
    const left = [...(this.#added.get(idOf(origin)) ?? [])];
    this.#added.delete(idOf(origin));
    for (const { event, listener } of left) this.#host?.removeListener(event, listener);
    return left;
  }
}

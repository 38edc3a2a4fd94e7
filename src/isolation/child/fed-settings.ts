import { Injectable } from '@nestjs/common';
import { type Undo } from '../../common/undo-stack.js';
import { runInScope } from '../../common/module-scope.js';
import { type Capability, type Generation } from '../../kernel/index.js';
import { LiveModuleSettings } from '../../settings/live-settings.js';
import { type FromChild } from '../protocol.js';
import { packError } from '../sent-error.js';

/** A module's settings as the host feeds them: it reads and checks them, and tells of each change. */
@Injectable()
export class FedSettings implements Capability {
  readonly name = 'settings';
  #fed: { readonly live: LiveModuleSettings; readonly generation: Generation } | undefined;

  constructor(
    private readonly initial: Readonly<Record<string, unknown>>,
    private readonly send: (message: FromChild) => void,
  ) {}

  attach(generation: Generation): Undo {
    const live = new LiveModuleSettings(generation.release.manifest.settings ?? {});
    live.replace(this.initial);
    this.#fed = { live, generation };
    generation.provide('settings', live);
    return () => live.close();
  }

  /** Answers once the module was told, with the first thing that failed where something has. */
  async take(id: number, values: Readonly<Record<string, unknown>>): Promise<void> {
    if (!this.#fed) return this.send({ type: 'returned', id, value: undefined });
    const { live, generation } = this.#fed;
    const changed = live.replace(values);
    const outcomes = changed.length === 0 ? [] : runInScope(generation.scope, () => live.tell(changed));
    const failures = (await Promise.allSettled(outcomes)).flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    if (failures.length === 0) this.send({ type: 'returned', id, value: undefined });
    else this.send({ type: 'threw', id, error: packError(failures[0]) });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { withDeadline } from '../common/deadline.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { runInScope } from '../common/module-scope.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { type SecretBox } from '../common/secret-box.js';
import { type Generation } from '../kernel/index.js';
import { SecretKeys } from '../persistence/index.js';
import { LiveModuleSettings } from './live-settings.js';
import { assertComplete, type ResolvedSettings, resolveSettings } from './resolve-settings.js';
import { type KeptSettings, SettingsRecords } from './settings-records.js';

/** Milliseconds that a module may take over new settings before it is said to hang. */
const TELL_WITHIN_MS = 2_000;

/** One generation that was attached, whether it serves or not. */
interface Attached {
  readonly generation: Generation;
  readonly live: LiveModuleSettings;
  /** Of what it has; -1 until it has any. */
  revision: number;
  /** Of what its module was told of too. */
  toldRevision: number;
  /** Settles once the module was told of what it has. */
  told: Promise<unknown>;
}

/** The settings that modules on this host read: those of every generation, brought up to date as they change. */
@Injectable()
export class SettingsBoard {
  readonly #attached = new Map<string, Set<Attached>>();
  readonly #box: SecretBox;
  #onRefreshed: () => void = () => undefined;

  constructor(
    private readonly records: SettingsRecords,
    private readonly secrets: SecretRegistry,
    keys: SecretKeys,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#box = keys.box('settings');
  }

  /** Names of the modules that have a generation here. */
  get modules(): string[] {
    return [...this.#attached.keys()];
  }

  /** Seals and opens the secrets of a module. */
  boxOf(module: string): SecretBox {
    return this.#box.within(module);
  }

  /** What a release gets of what is kept. Its secrets are known from then on. */
  resolve({ name, manifest }: Pick<Generation['release'], 'name' | 'manifest'>, kept: KeptSettings): ResolvedSettings {
    const resolved = resolveSettings(manifest.settings ?? {}, kept.values, this.boxOf(name));
    this.secrets.remember(name, resolved.secrets);
    return resolved;
  }

  /**
   * @returns the generation's settings, and what ends their being brought up to date
   * @throws {NestdockError} SETTINGS_INCOMPLETE
   */
  async attach(generation: Generation): Promise<{ live: LiveModuleSettings; detach: () => void }> {
    const { name, release } = generation;
    const attached: Attached = {
      generation,
      live: new LiveModuleSettings(release.manifest.settings ?? {}),
      revision: -1,
      toldRevision: -1,
      told: Promise.resolve(),
    };
    // Known before the row is read: of a change that comes meanwhile, one of the two learns.
    const detach = this.#add(name, attached);
    try {
      const kept = await this.records.find(name);
      assertComplete(release, this.resolve(release, kept).problems);
      this.#update(attached, kept);
      attached.toldRevision = kept.revision;
      return { live: attached.live, detach };
    } catch (error) {
      detach();
      throw error;
    }
  }

  /**
   * Reads the settings of these modules anew. Resolves once the generations have them, and their modules were told;
   * what those take longer over, or fail with, is logged.
   */
  async refresh(modules: readonly string[] = this.modules): Promise<void> {
    const known = modules.filter((name) => this.#attached.has(name));
    if (known.length === 0) return;
    const rows = await this.records.findAll(known);
    const attached = rows.flatMap((kept) =>
      [...(this.#attached.get(kept.module) ?? [])].map((each) => ({ each, kept })),
    );
    for (const { each, kept } of attached) this.#update(each, kept);
    // Also where another look at the same change was faster: it may not have told the module yet.
    await Promise.all(attached.map(({ each }) => each.told));
    for (const { each, kept } of attached) each.toldRevision = Math.max(each.toldRevision, kept.revision);
    this.#onRefreshed();
  }

  /** The revision that all of a module's generations here have; undefined where there are none. */
  revisionOf(name: string): number | undefined {
    const attached = [...(this.#attached.get(name) ?? [])];
    return attached.length === 0 ? undefined : Math.min(...attached.map(({ toldRevision }) => toldRevision));
  }

  /** Who tells others how far this host is; there is one. */
  onRefreshed(listener: () => void): void {
    this.#onRefreshed = listener;
  }

  #add(name: string, attached: Attached): () => void {
    const others = this.#attached.get(name) ?? new Set();
    this.#attached.set(name, others.add(attached));
    return () => {
      attached.live.close();
      others.delete(attached);
      if (others.size === 0 && this.#attached.get(name) === others) this.#attached.delete(name);
    };
  }

  /** Does nothing where it is not newer than what the generation has: reads may come in any order. */
  #update(attached: Attached, kept: KeptSettings): void {
    if (kept.revision <= attached.revision) return;
    attached.revision = kept.revision;
    const { generation, live } = attached;
    const { values, problems, unresolved } = this.resolve(generation.release, kept);
    for (const { pointer = '', message } of problems) {
      this.logger.error({ module: generation.name, field: pointer }, `A setting was left as it was: it ${message}`);
    }
    const changed = live.replace({ ...values, ...pick(live.values, unresolved) });
    if (changed.length === 0) return;
    attached.told = Promise.all(
      runInScope(generation.scope, () => live.tell(changed)).map((outcome) => this.#watch(generation.name, outcome)),
    );
  }

  /** A module's own trouble with its new settings harms nobody else. */
  async #watch(module: string, outcome: Promise<unknown>): Promise<void> {
    const late = () => new Error(`it has not ended after ${TELL_WITHIN_MS} ms`);
    try {
      await withDeadline(outcome, TELL_WITHIN_MS, late);
    } catch (err) {
      this.logger.error({ module, err }, 'What the module does on new settings failed');
    }
  }
}

const pick = (values: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));

import { Inject, Injectable } from '@nestjs/common';
import { ModuleIncidents } from '../circuit/index.js';
import { failureProblem } from '../common/errors/failure-problem.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { LOGGER, type Logger } from '../common/logging/logger.js';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { type Incident } from '../kernel/index.js';
import { type Module } from '../persistence/index.js';
import { type DockedModule } from './docked-module.js';
import { DockedModules } from './docked-modules.js';
import { LoadJournal } from './load-journal.js';
import { ModuleRecords } from './module-records.js';

/** Takes modules out for what they did, on this host at once and on others as they hear of it, until an operator lets them back. */
@Injectable()
export class ModuleQuarantine {
  constructor(
    private readonly docked: DockedModules,
    private readonly records: ModuleRecords,
    private readonly incidents: ModuleIncidents,
    private readonly journal: LoadJournal,
    private readonly secrets: SecretRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    incidents.onTripped((incident, reason) => this.#trip(incident, reason));
  }

  /** @throws {NestdockError} MODULE_QUARANTINED */
  refuse({ name, quarantine }: Pick<Module, 'name' | 'quarantine'>): void {
    if (!quarantine) return;
    throw new NestdockError(
      'MODULE_QUARANTINED',
      `${name} is quarantined since ${quarantine.since}: ${quarantine.reason.detail}`,
    );
  }

  /** An operator lets the module back: all that was held against it here is forgotten. Its row says so once it serves. */
  release(name: string): void {
    this.forget(name);
    this.journal.forget(name);
  }

  /** Another host has taken the module out, or this one before it was started. */
  async follow({ lifecycle }: DockedModule): Promise<void> {
    if (lifecycle.state === 'active') await lifecycle.quarantine();
    else lifecycle.hold();
  }

  /** Other code serves now: what the code before it did counts no more. */
  forget(name: string): void {
    this.incidents.forget(name);
  }

  /** Takes out a module that is not loaded, and may not be. */
  async convict({ lifecycle }: DockedModule, error: NestdockError): Promise<void> {
    await this.#record(lifecycle.name, error);
    lifecycle.hold();
  }

  #trip({ module, generation }: Incident, reason: string): void {
    const serving = this.docked.serving(module);
    // What a generation does that is gone already harms nobody any more.
    if (serving?.number !== generation) return;
    const error = new NestdockError('MODULE_QUARANTINED', `${module} was taken out: ${reason}`, {
      extensions: { ...this.incidents.countsOf(module) },
    });
    const takeOut = (docked: DockedModule) => this.#takeOut(docked, error);
    this.docked.run(module, 'quarantine', takeOut).catch((err: unknown) => {
      if (!this.docked.isClosed) this.logger.error({ module, err }, `${module} could not be taken out`);
    });
  }

  async #takeOut({ lifecycle }: DockedModule, error: NestdockError): Promise<void> {
    if (lifecycle.state !== 'active') return;
    const gone = lifecycle.quarantine();
    await this.#record(lifecycle.name, error);
    await gone;
  }

  async #record(name: string, error: NestdockError): Promise<void> {
    this.logger.error({ module: name, code: error.code }, error.message);
    const reason = this.secrets.redact(failureProblem(error));
    await this.records.quarantine(name, { since: new Date().toISOString(), reason });
  }
}

import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { SecretRegistry } from '../common/redaction/secret-registry.js';
import { type Undo } from '../common/undo-stack.js';
import { type Capability, type Generation, type Release } from '../kernel/index.js';
import { assertComplete } from './resolve-settings.js';
import { ServingSettings } from './serving-settings.js';
import { SettingsBoard } from './settings-board.js';
import { SettingsRecords } from './settings-records.js';

/** The values of a module's settings: a release whose settings are not complete is not loaded. */
@Injectable()
export class SettingsCapability implements Capability {
  readonly name = 'settings';

  constructor(
    private readonly board: SettingsBoard,
    private readonly records: SettingsRecords,
    private readonly serving: ServingSettings,
    private readonly secrets: SecretRegistry,
  ) {}

  /** @throws {NestdockError} SETTINGS_INCOMPLETE */
  async check(release: Release): Promise<void> {
    assertComplete(release, this.board.resolve(release, await this.records.find(release.name)).problems);
  }

  /** @throws {NestdockError} SETTINGS_INCOMPLETE */
  async attach(generation: Generation): Promise<Undo> {
    const { live, detach } = await this.board.attach(generation);
    generation.provide('settings', live);
    return detach;
  }

  /**
   * What was complete when it was attached may have been changed since, as far as nothing was enabled; from here on,
   * changes know what serves.
   * @throws {NestdockError} SETTINGS_INCOMPLETE
   */
  async record({ name, release }: Generation, transaction: EntityManager): Promise<void> {
    assertComplete(release, this.board.resolve(release, await this.records.find(name, transaction)).problems);
  }

  serve(generation: Generation): () => void {
    return this.serving.serve(generation);
  }

  async purge(moduleName: string, transaction: EntityManager): Promise<void> {
    await this.records.purge(moduleName, transaction);
    this.secrets.forget(moduleName);
  }
}

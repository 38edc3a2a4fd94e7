import { Injectable } from '@nestjs/common';
import { checkpoint } from '../common/checkpoint.js';
import { NestdockError } from '../common/errors/nestdock-error.js';
import { type FieldValues } from '../manifest/index.js';
import { reviseSettings } from './revise-settings.js';
import { SettingFields } from './setting-fields.js';
import {
  historyView,
  parseHistoryCursor,
  type SettingsHistoryView,
  settingsView,
  type SettingsView,
} from './setting-views.js';
import { SettingsBoard } from './settings-board.js';
import { type SettingsAuthor, SettingsRecords } from './settings-records.js';

export interface SettingsHistoryRequest {
  /** 1 to 500; 50 where absent. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

const DEFAULT_PAGE = 50;

/** What operators do with the settings of modules. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly records: SettingsRecords,
    private readonly fields: SettingFields,
    private readonly board: SettingsBoard,
  ) {}

  /** @throws {NestdockError} MODULE_NOT_FOUND */
  async get(name: string): Promise<SettingsView> {
    const fields = await this.fields.of(await this.records.module(name));
    return settingsView(fields, await this.records.find(name));
  }

  /**
   * Merges values into those that are set; null takes one back, a mask leaves its secret. What runs on this host has
   * them once this resolves, what runs on others within a moment.
   * @param ifRevision which the settings must have; undefined for any
   * @throws {NestdockError} MODULE_NOT_FOUND, SETTINGS_INVALID, SETTINGS_CHANGED; nothing is changed then
   */
  async change(name: string, sent: FieldValues, author: SettingsAuthor, ifRevision?: number): Promise<SettingsView> {
    const fields = await this.fields.of(await this.records.module(name));
    const box = this.board.boxOf(name);
    const revised = await this.records.revise(name, author, ({ values, revision }, { status }) => {
      if (ifRevision !== undefined && ifRevision !== revision) throw changedMeanwhile(name, revision);
      return reviseSettings({ fields, kept: values, sent, box, enabled: status === 'ENABLED' });
    });
    checkpoint('settings:committed', name);
    await this.board.refresh([name]);
    return settingsView(fields, revised);
  }

  /**
   * The changes of a module's settings, the latest first.
   * @throws {NestdockError} MODULE_NOT_FOUND, REQUEST_INVALID
   */
  async history(
    name: string,
    { limit = DEFAULT_PAGE, cursor }: SettingsHistoryRequest = {},
  ): Promise<SettingsHistoryView> {
    await this.records.module(name);
    const before = cursor === undefined ? undefined : parseHistoryCursor(cursor);
    return historyView(...(await this.records.history(name, limit, before)));
  }
}

const changedMeanwhile = (name: string, revision: number): NestdockError =>
  new NestdockError('SETTINGS_CHANGED', `the settings of ${name} have revision ${revision}`, {
    extensions: { revision },
  });

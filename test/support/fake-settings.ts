import { type Provider } from '@nestjs/common';
import { NestdockError } from '../../src/common/errors/nestdock-error.js';
import { fieldsSchema } from '../../src/manifest/index.js';
import { SettingsService, type SettingsView } from '../../src/settings/index.js';

type Settings = Pick<SettingsService, 'get' | 'change' | 'history'>;

/** The settings of one module, `hello`, behind the interface that the admin API calls; every call is written down. */
export class FakeSettings {
  readonly calls: unknown[][] = [];

  get provider(): Provider {
    const settings: Settings = {
      get: async (name) => known(name, view),
      change: async (name, sent, author, ifRevision) => {
        this.calls.push(['change', sent, author, ifRevision]);
        return known(name, { ...view, values: { ...view.values, ...sent }, revision: view.revision + 1 });
      },
      history: async (name, page) => {
        this.calls.push(['history', { ...page }]);
        return known(name, { items: [change], total: 9, nextCursor: '7' });
      },
    };
    return { provide: SettingsService, useValue: settings };
  }
}

function known<T>(name: string, value: T): T {
  if (name === 'hello') return value;
  throw new NestdockError('MODULE_NOT_FOUND', `no module is named "${name}"`);
}

const view: SettingsView = {
  values: { days: 7, token: '********' },
  schema: fieldsSchema({ days: { type: 'number', default: 7 }, token: { type: 'password' } }),
  revision: 7,
};

const change = {
  revision: 7,
  changedAt: '2026-01-01T00:00:00.000Z',
  changedBy: 'admin',
  requestId: 'r',
  address: '127.0.0.1',
  changes: [{ field: 'days', old: null, new: 7 }],
};

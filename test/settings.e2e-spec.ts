import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHost } from './support/test-host.js';

interface Settings {
  readonly values: Record<string, unknown>;
  readonly schema: { readonly properties: Record<string, object>; readonly required?: string[] };
  readonly revision: number;
}

const MODULE = '/api/v1/m/settings-live';
const SETTINGS = '/modules/settings-live/settings';

describe('settings', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await TestHost.start({ modules: ['settings-live'] });
  });
  afterAll(() => host.dispose());

  it('can be set before the module is enabled', async () => {
    const before = await host.admin<Settings>('GET', SETTINGS);
    expect(before.body).toMatchObject({
      values: { retentionDays: 365, mode: 'fast', meters: [{ id: 1 }] },
      schema: { properties: { retentionDays: { type: 'number', title: 'Retention (days)', minimum: 1 } } },
      revision: 0,
    });
    const { status, body } = await host.admin<Settings>('PUT', SETTINGS, { retentionDays: 90 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ values: { retentionDays: 90, mode: 'fast' }, revision: 1 });
    const enabled = await host.admin('POST', '/modules/settings-live/enable');
    expect(enabled.body).toMatchObject({ status: 'ENABLED' });
    const { body: seen } = await host.request<{ json: object; keys: string[]; has: boolean }>(
      'GET',
      `${MODULE}/settings`,
    );
    expect(seen).toMatchObject({ json: { retentionDays: 90 }, keys: ['retentionDays', 'mode', 'meters'], has: false });
  });

  it('reach the running module before the change is answered', async () => {
    await host.admin('PUT', SETTINGS, { retentionDays: 30, greeting: 'hello' });
    const { body: seen } = await host.request<{ json: object }>('GET', `${MODULE}/settings`);
    expect(seen.json).toMatchObject({ retentionDays: 30, greeting: 'hello' });
    const { body: told } = await host.request('GET', `${MODULE}/told`);
    expect(told).toEqual([
      { by: 'listener', changed: ['retentionDays', 'greeting'] },
      { by: 'hook', changed: ['retentionDays', 'greeting'], retentionDays: 30 },
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HostView } from '../src/cluster/index.js';
import { TestHost } from './support/test-host.js';

describe('a host alone', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await TestHost.start({ modules: ['hello'] });
  });
  afterAll(() => host.dispose());

  const self = async () => {
    const { body } = await host.admin<{ hosts: HostView[] }>('GET', '/cluster');
    expect(body.hosts).toHaveLength(1);
    return body.hosts[0] as HostView;
  };

  it('is the whole cluster, and waits for nobody', async () => {
    const enabled = await host.admin<{ revision: number }>('POST', '/modules/hello/enable?wait=cluster');
    expect(enabled.status).toBe(200);
    expect(await self()).toMatchObject({
      state: 'live',
      lag: 0,
      modules: [{ name: 'hello', state: 'active', generation: 1, revision: enabled.body.revision }],
    });
    expect((await host.admin('POST', '/modules/hello/reload?wait=cluster')).status).toBe(200);
    expect(await self()).toMatchObject({ lag: 0, modules: [{ generation: 2, revision: enabled.body.revision + 1 }] });
    expect((await host.admin('POST', '/modules/hello/disable?wait=cluster')).status).toBe(200);
    expect(await self()).toMatchObject({ state: 'live', lag: 0, modules: [{ state: 'idle', generation: null }] });
  });

  it('forgets what was forgotten', async () => {
    expect((await host.admin('DELETE', '/modules/hello')).status).toBe(204);
    expect(await self()).toMatchObject({ lag: 0, modules: [] });
  });
});

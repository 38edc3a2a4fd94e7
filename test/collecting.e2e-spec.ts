import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

let host: HostProcess;
beforeAll(async () => {
  host = await HostProcess.start({ modules: ['demo-meter', 'consumption-monitor'] });
});
afterAll(() => host.dispose());

it("collects the readings of one module's route with another module's job", async () => {
  for (const name of ['demo-meter', 'consumption-monitor']) {
    expect((await host.admin('POST', `/modules/${name}/enable`)).status).toBe(200);
  }
  const jobs = (await host.admin('GET', '/jobs?module=consumption-monitor')).body.items as {
    id: string;
    key: string;
  }[];
  const { status, body: run } = await host.admin('POST', `/jobs/${jobs.find(({ key }) => key === 'collect')?.id}/run`);
  expect(status).toBe(202);
  await eventually(async () => {
    const { body } = await host.admin('GET', `/runs/${String(run.id)}`);
    expect(body).toMatchObject({ status: 'succeeded', attempts: [{ number: 1, error: null }] });
  });
  const response = await fetch(`${host.url}/api/v1/m/consumption-monitor/readings`);
  const { items } = (await response.json()) as { items: { meterId: string; powerW: number }[] };
  expect(items.map(({ meterId }) => meterId).sort()).toEqual(['heat-pump', 'household', 'workshop']);
  expect(items.every(({ powerW }) => powerW > 0)).toBe(true);
});

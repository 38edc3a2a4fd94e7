import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeOnPostgres, makePostgresDatabase, type TestPlace } from './support/database.js';
import { eventually } from './support/eventually.js';
import { HostProcess } from './support/host-process.js';

interface ReadingAnswer {
  readonly meterId: string;
  readonly timestamp: string;
  readonly powerW: number;
}

const MODULE = '/modules/consumption-monitor';

describe('on the embedded database', () => collecting(async () => undefined));
describeOnPostgres('on PostgreSQL', () => collecting(makePostgresDatabase));

/** A module that keeps what it collects in its own tables, and needs another one to collect from. */
function collecting(makeDatabase: () => Promise<TestPlace | undefined>): void {
  let host: HostProcess;
  let database: TestPlace | undefined;
  beforeAll(async () => {
    database = await makeDatabase();
    host = await HostProcess.start({
      modules: ['demo-meter', 'consumption-monitor'],
      ...(database && { env: database.env }),
    });
  });
  afterAll(async () => {
    await host.dispose();
    await database?.remove();
  });

  const monitor = async <T>(path: string): Promise<{ readonly items: readonly T[]; readonly total: number }> => {
    const response = await fetch(`${host.url}/api/v1/m/consumption-monitor${path}`);
    return (await response.json()) as { items: T[]; total: number };
  };
  const run = async (key: string): Promise<Record<string, unknown>> => {
    const { body } = await host.admin('GET', '/jobs?module=consumption-monitor');
    const job = (body.items as { id: string; key: string }[]).find((item) => item.key === key);
    const asked = await host.admin('POST', `/jobs/${job?.id}/run`);
    expect(asked.status).toBe(202);
    let done: Record<string, unknown> = {};
    await eventually(async () => {
      ({ body: done } = await host.admin('GET', `/runs/${String(asked.body.id)}`));
      expect(done).toMatchObject({ status: 'succeeded', attempts: [{ number: 1, error: null }] });
    });
    return done;
  };
  const states = async () => {
    const { body } = await host.admin('GET', '/modules');
    return (body.items as { name: string; state: string }[]).map(({ name, state }) => `${name} ${state}`);
  };

  it('is enabled with what it needs', async () => {
    expect((await host.admin('POST', `${MODULE}/enable`)).status).toBe(200);
    expect(await states()).toEqual(['consumption-monitor active', 'demo-meter active']);
    const { body } = await host.admin('GET', `${MODULE}/migrations`);
    expect(body.items).toMatchObject([
      { name: '001_create_meters_and_readings', status: 'done' },
      { name: '002_create_daily_summaries', status: 'done' },
    ]);
  });

  it("collects the readings of one module's route with another module's job", async () => {
    expect(await run('collect')).toMatchObject({ result: { collected: 3, failures: [] } });
    const { items, total } = await monitor<ReadingAnswer>('/readings');
    expect(items.map(({ meterId }) => meterId).sort()).toEqual(['heat-pump', 'household', 'workshop']);
    expect(items.every(({ powerW }) => powerW > 0)).toBe(true);
    expect(total).toBe(3);
  });

  it('asks the meters that its settings list from then on', async () => {
    const only = ['/api/v1/m/demo-meter/reading'];
    expect((await host.admin('PUT', `${MODULE}/settings`, { meterUrls: only })).status).toBe(200);
    expect(await run('collect')).toMatchObject({ result: { collected: 1 } });
    const refused = await host.admin('PUT', `${MODULE}/settings`, { retentionDays: 0 });
    expect(refused).toMatchObject({ status: 400, body: { problems: [{ pointer: '/retentionDays' }] } });
    await host.admin('PUT', `${MODULE}/settings`, { meterUrls: null });
  });

  it('sums days up, and forgets none of it when it is reloaded, disabled or killed', async () => {
    expect(await run('sum-up')).toMatchObject({ result: { written: 3 } });
    const kept = { readings: await monitor('/readings'), days: await monitor('/meters/household/days') };
    expect([kept.readings.total, kept.days.total]).toEqual([4, 1]);
    for (const again of [
      () => host.admin('POST', `${MODULE}/reload`),
      async () => {
        await host.admin('POST', `${MODULE}/disable`);
        await host.admin('POST', `${MODULE}/enable`);
      },
      async () => {
        await host.kill();
        await host.restart();
      },
    ]) {
      await again();
      await eventually(async () => expect((await monitor('/readings')).total).toBe(4));
      expect({ readings: await monitor('/readings'), days: await monitor('/meters/household/days') }).toEqual(kept);
    }
  });

  it('keeps its data when it is removed, until that is asked for by name', async () => {
    expect((await host.admin('POST', '/modules/demo-meter/disable')).body).toMatchObject({
      status: 409,
      code: 'DEPENDENTS_ENABLED',
    });
    await host.admin('POST', `${MODULE}/disable`);
    for (const [query, kept] of [
      ['', 4],
      ['?purge=true&confirm=consumption-monitor', 0],
    ] as const) {
      expect((await host.admin('DELETE', MODULE + query)).status).toBe(204);
      await host.admin('POST', '/modules/scan');
      expect((await host.admin('POST', `${MODULE}/enable`)).status).toBe(200);
      expect((await monitor('/readings')).total).toBe(kept);
      await host.admin('POST', `${MODULE}/disable`);
    }
  });
}

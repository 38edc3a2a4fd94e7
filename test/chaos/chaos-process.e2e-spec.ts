import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Meter } from './bystander.js';
import { ChaosHost } from './chaos-host.js';
import { faultsOf } from './faults.js';
import { isFullRun, keepOutcomes, type Row } from './outcomes.js';

describe('whatever a module in a process of its own does', () => {
  let host: ChaosHost;
  let quiet: Meter;
  const rows: Row[] = [];

  beforeAll(async () => {
    host = await ChaosHost.start();
    await host.quiet(1_000);
    quiet = await host.quiet(3_000);
  });
  afterAll(async () => {
    await host.dispose();
    await keepOutcomes('process', quiet, rows);
  });

  it.each(faultsOf(isFullRun).map((fault) => [fault.title, fault] as const))(
    '%s: the host lives, and nobody else notices',
    async (_title, fault) => {
      const outcome = await host.run(fault, 'process');
      rows.push({ title: fault.title, ...outcome });
      expect(outcome).toMatchObject({ hostDied: false, bystander: { failed: 0 } });
      expect(outcome.bystander.requests).toBeGreaterThan(10);
      if (fault.provocation === 'request' || fault.provocation === 'job')
        expect(outcome.after).toMatch(/^answers after/);
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Meter } from './bystander.js';
import { ChaosHost } from './chaos-host.js';
import { faultsOf } from './faults.js';
import { isFullRun, keepOutcomes, type Row } from './outcomes.js';

const faults = faultsOf(isFullRun);

/** What the machine is made to have. */
const MEMORY_BYTES = 1_000 * 2 ** 20;

describe('whatever a module in the host does', () => {
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
    await keepOutcomes('inline', quiet, rows);
  });

  it.each(faults.filter(({ lethalInline }) => !lethalInline).map((fault) => [fault.title, fault] as const))(
    '%s: the host lives',
    async (_title, fault) => {
      const outcome = await host.run(fault, 'inline');
      rows.push({ title: fault.title, ...outcome });
      expect(outcome.hostDied).toBe(false);
      expect(outcome.bystander.failed).toBe(0);
    },
  );

  // What the table says to be impossible in one process is so: else it would be time to correct it.
  it.each(faults.filter(({ lethalInline }) => lethalInline).map((fault) => [fault.title, fault] as const))(
    '%s: the host is gone, or stuck',
    async (_title, fault) => {
      const doomed = await ChaosHost.start({ NODE_OPTIONS: '--max-old-space-size=256' });
      doomed.limitMemory(MEMORY_BYTES);
      try {
        const outcome = await doomed.run(fault, 'inline');
        rows.push({ title: fault.title, ...outcome });
        expect(outcome.hostDied).toBe(true);
      } finally {
        await doomed.dispose();
      }
    },
  );
});

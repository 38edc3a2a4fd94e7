import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until the expectation holds; fails with its last error after `ms` milliseconds. */
export async function eventually(expectation: () => Promise<void> | void, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(25);
    }
  }
}

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HostFence } from './host-fence.js';

describe('HostFence', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('stays down while the clock is looked at in time', async () => {
    const fence = new HostFence(1_000, Date.now, async () => undefined, fail, Date.now);
    fence.start();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(fence.isUp).toBe(false);
    fence.stop();
  });

  it('goes up for a request that is read before any timer, and down once the host has caught up', async () => {
    let now = 0;
    let done = (): void => undefined;
    const catchUp = () => new Promise<void>((resolve) => (done = resolve));
    const fence = new HostFence(
      1_000,
      () => 0,
      catchUp,
      fail,
      () => now,
    );
    fence.start();
    now = 1_001;
    expect(fence.isUp).toBe(true);
    await jest.advanceTimersByTimeAsync(500);
    expect(fence.isUp).toBe(true);
    done();
    await jest.advanceTimersByTimeAsync(0);
    expect(fence.isUp).toBe(false);
    fence.stop();
  });

  it('goes up as soon as the last sign of life is too old, however short the stop was', () => {
    let now = 10_000;
    const fence = new HostFence(
      1_000,
      () => 9_800,
      async () => undefined,
      fail,
      () => now,
    );
    fence.start();
    now = 10_800;
    expect(fence.isUp).toBe(false);
    now = 10_801;
    expect(fence.isUp).toBe(true);
    fence.stop();
  });

  it('stays down for a short stop where the database takes no signs of life', () => {
    let now = 10_000;
    const fence = new HostFence(
      1_000,
      () => 0,
      async () => undefined,
      fail,
      () => now,
    );
    fence.start();
    now = 10_600;
    expect(fence.isUp).toBe(false);
    now = 10_601;
    expect(fence.isUp).toBe(true);
    fence.stop();
  });

  it('goes up where nobody asks meanwhile, and stays up until catching up works', async () => {
    let now = 0;
    let isBack = false;
    const told: unknown[] = [];
    const catchUp = async () => {
      if (!isBack) throw new Error('no database');
    };
    const fence = new HostFence(
      1_000,
      () => 0,
      catchUp,
      (error) => told.push(error),
      () => now,
    );
    fence.start();
    now = 5_000;
    await jest.advanceTimersByTimeAsync(100);
    expect(fence.isUp).toBe(true);
    expect(told).toHaveLength(1);
    isBack = true;
    await jest.advanceTimersByTimeAsync(200);
    expect(fence.isUp).toBe(false);
    fence.stop();
  });
});

const fail = (error: unknown): never => {
  throw error;
};

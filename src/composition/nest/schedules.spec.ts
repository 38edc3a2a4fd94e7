import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Cron, Interval, ScheduleModule, SchedulerRegistry, Timeout } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { TestHost } from '../spec-support/test-host.js';

describe('schedules of a module', () => {
  let host: TestHost;
  let registry: SchedulerRegistry;
  const scheduled = () => [...registry.getCronJobs().keys(), ...registry.getIntervals(), ...registry.getTimeouts()];

  beforeEach(async () => {
    host = await TestHost.start();
    registry = host.app.get(SchedulerRegistry, { strict: false });
  });
  afterEach(() => host.stop());

  function tickingModule(imports: NonNullable<Parameters<typeof Module>[0]['imports']> = []) {
    const ticks = { cron: 0, interval: 0, timeout: 0 };
    let onTick: () => void = () => undefined;
    const allTicked = new Promise<void>((resolve) => {
      onTick = () => void (Object.values(ticks).every((count) => count > 0) && resolve());
    });
    const tick = (kind: keyof typeof ticks) => {
      ticks[kind]++;
      onTick();
    };
    @Injectable()
    class Clock {
      constructor(readonly registry: SchedulerRegistry) {}
      @Cron('* * * * * *', { name: 'every-second' })
      cron() {
        tick('cron');
      }
      @Interval('often', 5)
      interval() {
        tick('interval');
      }
      @Timeout('once', 1)
      timeout() {
        tick('timeout');
      }
    }
    class Entry {}
    Module({ imports, providers: [Clock] })(Entry);
    return { Entry, Clock, ticks, allTicked };
  }

  it('tick while it serves, under its names in the registry of the host', async () => {
    const { Entry, Clock, ticks, allTicked } = tickingModule();
    const loaded = await host.load('clock', { entry: Entry });
    expect(scheduled().sort()).toEqual(['clock@1:every-second', 'clock@1:often', 'clock@1:once']);
    expect(loaded.generation.part('context').get(Clock).registry.getCronJob('every-second')).toBeInstanceOf(CronJob);
    await allTicked;
    await loaded.unload();
    const counted = { ...ticks };
    expect(scheduled()).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ticks).toEqual(counted);
  });

  it('of an old and a new generation stand beside each other, and never mix', async () => {
    const old = await host.load('clock', { entry: tickingModule().Entry });
    const next = await host.load('clock', { entry: tickingModule().Entry });
    await old.unload();
    expect(scheduled().every((name) => name.startsWith('clock@2:'))).toBe(true);
    await next.unload();
    expect(scheduled()).toEqual([]);
  });

  it('are those of the module alone, although it imports ScheduleModule itself', async () => {
    await host.load('other', { entry: tickingModule().Entry });
    const { Entry } = tickingModule([ScheduleModule.forRoot()]);
    await host.load('clock', { entry: Entry });
    expect(scheduled().filter((name) => name.startsWith('clock@2:'))).toHaveLength(3);
    expect(scheduled()).toHaveLength(6);
  });

  it('that it adds while it runs are its own, there until its last hooks, and gone then', async () => {
    let ticks = 0;
    let stillThere = false;
    @Injectable()
    class Dynamic implements OnModuleInit, OnModuleDestroy {
      constructor(private readonly registry: SchedulerRegistry) {}
      onModuleInit() {
        this.registry.addInterval(
          'mine',
          setInterval(() => ticks++, 1),
        );
      }
      onModuleDestroy() {
        stillThere = this.registry.doesExist('interval', 'mine');
      }
    }
    class Entry {}
    Module({ providers: [Dynamic] })(Entry);
    const loaded = await host.load('dynamic', { entry: Entry });
    await loaded.unload();
    expect(stillThere).toBe(true);
    const counted = ticks;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ticks).toBe(counted);
  });

  it('of one name twice are refused', async () => {
    @Injectable()
    class Twice {
      @Interval('same', 1000)
      one() {}
      @Interval('same', 1000)
      two() {}
    }
    class Entry {}
    Module({ providers: [Twice] })(Entry);
    await expect(host.load('twice', { entry: Entry })).rejects.toMatchObject({ code: 'COMPOSITION_FAILED' });
  });
});

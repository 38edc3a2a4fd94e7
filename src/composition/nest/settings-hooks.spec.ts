import { beforeEach, describe, expect, it } from '@jest/globals';
import { type LiveSettings } from '../../kernel/index.js';
import { type ModuleSettings, type SettingsListener } from '../../sdk/index.js';
import { SettingsHooks } from './settings-hooks.js';

class Settings implements LiveSettings {
  values: ModuleSettings = { days: 1 };
  readonly listeners = new Set<SettingsListener>();

  onChange(listener: SettingsListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  change(...changed: string[]): Promise<unknown[]> {
    return Promise.all([...this.listeners].map((listener) => listener(this.values, changed)));
  }
}

class Told {
  readonly told: (readonly string[])[] = [];
  onSettingsChanged(_values: ModuleSettings, changed: readonly string[]): void {
    this.told.push(changed);
  }
}

class Failing {
  onSettingsChanged(): Promise<never> {
    return Promise.reject(new Error('it did not like them'));
  }
}

describe('SettingsHooks', () => {
  const failed: unknown[] = [];
  beforeEach(() => void failed.splice(0));

  it('tells each instance that has the hook once, and no other', async () => {
    const settings = new Settings();
    const hooks = new SettingsHooks(settings, (error) => failed.push(error));
    const told = new Told();
    hooks.start(() => [told, {}, told]);
    await settings.change('days');
    expect(told.told).toEqual([['days']]);
    hooks.end();
    await settings.change('days');
    expect(told.told).toHaveLength(1);
  });

  it('tells what has changed since the instances were made once they have started', async () => {
    const settings = new Settings();
    const hooks = new SettingsHooks(settings, (error) => failed.push(error));
    const told = new Told();
    await settings.change('days', 'mode');
    await settings.change('mode');
    hooks.start(() => [told]);
    expect(told.told).toEqual([['days', 'mode']]);
  });

  it('reports what fails late, and goes on', async () => {
    const settings = new Settings();
    const hooks = new SettingsHooks(settings, (error) => failed.push(error));
    await settings.change('days');
    hooks.start(() => [new Failing()]);
    await new Promise(setImmediate);
    expect(failed).toMatchObject([{ code: 'HOOK_FAILED' }]);
  });

  it('tells the others where some fail, and says which failed', async () => {
    const settings = new Settings();
    const hooks = new SettingsHooks(settings, (error) => failed.push(error));
    const told = new Told();
    hooks.start(() => [new Failing(), told]);
    await expect(settings.change('days')).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: 'onSettingsChanged of Failing failed: it did not like them',
    });
    expect(told.told).toEqual([['days']]);
    hooks.start(() => [new Failing(), new Failing()]);
    await expect(settings.change('days')).rejects.toBeInstanceOf(AggregateError);
  });
});

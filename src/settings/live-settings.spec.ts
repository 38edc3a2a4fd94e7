import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { LiveModuleSettings } from './live-settings.js';

function live(values: object): LiveModuleSettings {
  const made = new LiveModuleSettings({ token: { type: 'password' } });
  made.replace({ ...values });
  return made;
}

describe('LiveModuleSettings', () => {
  it('is one object that reads as the values do now', () => {
    const settings = live({ days: 1, list: [1] });
    const { values } = settings;
    expect(settings.replace({ days: 2, more: true, list: [1] })).toEqual(['days', 'more']);
    expect(values['days']).toBe(2);
    expect({ ...values }).toEqual({ days: 2, more: true, list: [1] });
    expect(JSON.stringify(values)).toBe('{"days":2,"more":true,"list":[1]}');
    expect(Object.keys(values)).toEqual(['days', 'more', 'list']);
    expect('more' in values).toBe(true);
    expect(settings.replace({ days: 2 })).toEqual(['more', 'list']);
    expect('more' in values).toBe(false);
    expect(settings.replace({ days: 2 })).toEqual([]);
  });

  it('cannot be written, at any depth', () => {
    const values = live({ days: 1, deep: { list: [{ a: 1 }] } }).values as Record<string, unknown>;
    const deep = values['deep'] as { list: { a: number }[] };
    const attempts: (() => unknown)[] = [
      () => (values['days'] = 2),
      () => (values['more'] = 2),
      () => delete values['days'],
      () => Object.assign(values, { days: 2 }),
      () => Object.defineProperty(values, 'days', { value: 2 }),
      () => Object.freeze(values),
      () => deep.list.push({ a: 2 }),
      () => ((deep.list[0] as { a: number }).a = 2),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(TypeError);
    expect(values).toEqual({ days: 1, deep: { list: [{ a: 1 }] } });
  });

  it('prints no secret', () => {
    expect(inspect(live({ days: 1, token: 'hunter2' }).values)).toBe("{ days: 1, token: '********' }");
  });

  it('tells its listeners until they end it, each by itself', async () => {
    const settings = live({ days: 1 });
    const told: (readonly string[])[] = [];
    const listener = (_values: unknown, changed: readonly string[]) => void told.push(changed);
    const end = settings.onChange(listener);
    settings.onChange(listener);
    await Promise.all(settings.tell(['days']));
    end();
    end();
    await Promise.all(settings.tell(['more']));
    expect(told).toEqual([['days'], ['days'], ['more']]);
    settings.close();
    expect(settings.tell(['days'])).toEqual([]);
    expect(() => settings.onChange({} as never)).toThrow(TypeError);
  });

  it('gives back what a listener fails with', async () => {
    const settings = live({});
    settings.onChange(() => {
      throw new Error('at once');
    });
    settings.onChange(() => Promise.reject(new Error('later')));
    const outcomes = await Promise.allSettled(settings.tell([]));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

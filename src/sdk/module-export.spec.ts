import { describe, expect, it } from '@jest/globals';
import { type ModuleContext, moduleExport } from './index.js';

interface Meter {
  read(): number;
}

class Own {
  readonly own = 1;
}

describe('moduleExport', () => {
  it('is the same token wherever it is written', () => {
    expect(moduleExport('demo-meter', 'MeterService')).toBe(moduleExport('demo-meter', 'MeterService'));
    expect(moduleExport('demo-meter', Symbol('x'))).toBe(moduleExport('demo-meter', Symbol('x')));
    expect(moduleExport('demo-meter', 'x')).not.toBe(moduleExport('demo-meter', Symbol('x')));
    expect(moduleExport('other', 'x')).not.toBe(moduleExport('demo-meter', 'x'));
  });

  it('has context.get() know the type, as it knows that of a class', () => {
    const asked: unknown[] = [];
    const context: Pick<ModuleContext, 'get'> = {
      get: <T>(token: unknown): T => {
        asked.push(token);
        return { read: () => 5, own: 1 } as T;
      },
    };
    const meter = context.get(moduleExport<Meter>('demo-meter', 'MeterService'));
    const read: () => number = meter.read.bind(meter);
    expect([read(), context.get(Own).own, asked.length]).toEqual([5, 1, 2]);
    // @ts-expect-error a Meter has no such method
    expect(meter.write).toBeUndefined();
  });
});

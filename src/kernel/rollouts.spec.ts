import { describe, expect, it } from '@jest/globals';
import { clusterNotices } from './rollouts.js';

describe('clusterNotices', () => {
  it('tells of many modules in few, each short enough for PostgreSQL', () => {
    const modules = Array.from({ length: 1_000 }, (_none, index) => `module-${index}-${'ü'.repeat(index % 250)}`);
    const notices = clusterNotices('progress', modules);
    expect(notices.length).toBeLessThan(200);
    for (const notice of notices) expect(Buffer.byteLength(notice)).toBeLessThan(8_000);
    const told = notices.flatMap((notice) => notice.replace(/^progress:/, '').split('\n'));
    expect(told).toEqual(modules);
  });

  it('says nothing of none', () => {
    expect(clusterNotices('progress', [])).toEqual([]);
  });
});

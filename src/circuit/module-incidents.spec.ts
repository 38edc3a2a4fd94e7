import { expect, it } from '@jest/globals';
import { type Incident } from '../kernel/index.js';
import { ModuleIncidents } from './module-incidents.js';

const quarantine = { windowMs: 60_000, crashes: 2, timeouts: 2, errorPercent: 0 };

const crash = (generation: number): Incident => ({ module: 'meter', generation, kind: 'crash', detail: 'so' });

function setUp() {
  const incidents = new ModuleIncidents({ quarantine });
  const tripped: string[] = [];
  incidents.onTripped((_incident, reason) => tripped.push(reason));
  return { incidents, tripped };
}

it('tells of a module that crashes too often', () => {
  const { incidents, tripped } = setUp();
  incidents.report(crash(1));
  expect(tripped).toEqual([]);
  incidents.report(crash(1));
  expect(tripped).toEqual(['it crashed 2 times within 60 s, at last so: so']);
});

it('holds nothing against a module that generations set apart have done, until they are no more', () => {
  const { incidents, tripped } = setUp();
  const apart: number[] = [];
  const setApart = (generation: number) =>
    incidents.setApart('meter', generation, (incident) => apart.push(incident.generation));
  const former = setApart(2);
  const latter = setApart(3);
  for (const generation of [2, 3, 2, 3]) incidents.report(crash(generation));
  expect(apart).toEqual([2, 3, 2, 3]);
  expect([incidents.countsOf('meter').crashes, tripped]).toEqual([0, []]);
  former();
  incidents.report(crash(2));
  incidents.report(crash(3));
  latter();
  expect([incidents.countsOf('meter').crashes, apart.length, tripped]).toEqual([1, 5, []]);
});

import { describe, expect, it } from '@jest/globals';
import * as common from '@nestjs/common';
import fastify from 'fastify';
import { asRequired, HostPackages } from './host-packages.js';

describe('the packages that modules share with the host', () => {
  const packages = new HostPackages();

  it.each([
    ['@nestjs/common', true],
    ['@nestjs/core/router/routes-resolver.js', true],
    ['@nestjs/no-such-package', false],
    ['rxjs/operators', true],
    ['rxjs-other', false],
    ['nestdock', true],
    ['pg', false],
    ['./fastify', false],
  ])('provide %s: %s', (specifier, provided) => {
    expect(packages.provides(specifier)).toBe(provided);
  });

  it('are the host’s own instances', async () => {
    const loaded = await packages.load(['@nestjs/common', 'fastify']);
    expect((loaded.get('@nestjs/common') as typeof common).Injectable).toBe(common.Injectable);
    expect(loaded.get('fastify')).toBe(fastify);
  });
});

describe('what require gives for a namespace', () => {
  const whole = Object.assign(() => 1, { part: 2 });
  it.each([
    ['module.exports of a CommonJS package', { default: whole, part: 2, 'module.exports': whole }, whole],
    ['an ES module without a default as it is', { part: 2 }, { part: 2 }],
    ['an ES module with a default, marked', { default: whole, part: 3 }, { default: whole, part: 3, __esModule: true }],
    ['an ES module with a plain default, marked', { default: 1 }, { default: 1, __esModule: true }],
  ])('is %s', (_what, namespace, required) => {
    expect(asRequired(namespace)).toEqual(required);
  });
});

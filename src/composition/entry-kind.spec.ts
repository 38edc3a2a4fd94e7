import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Catch, Controller, Injectable, Module } from '@nestjs/common';
import fp from 'fastify-plugin';
import { classifyEntry } from './entry-kind.js';

describe('classifyEntry', () => {
  it('knows a Nest module by its metadata, or by being a class', () => {
    class Full {}
    class Empty {}
    const Old = function Old() {} as unknown as typeof Full;
    Module({ providers: [] })(Full);
    Module({})(Empty);
    Module({ providers: [] })(Old);
    for (const module of [Full, Empty, Old]) expect(classifyEntry(module)).toEqual({ kind: 'nest', module });
  });

  it('takes any other function for a plugin', () => {
    const plugins = [async () => undefined, function plugin() {}, fp(async () => undefined)];
    for (const plugin of plugins) expect(classifyEntry(plugin)).toEqual({ kind: 'plugin', plugin });
  });

  it('needs no entry', () => expect(classifyEntry(undefined)).toEqual({ kind: 'none' }));

  class Routed {}
  class Provided {}
  class Caught {}
  Controller()(Routed);
  Injectable()(Provided);
  Catch()(Caught);
  it.each<[unknown, string]>([
    [null, 'null'],
    [{}, 'of type object'],
    [[[]], 'an array'],
    ['text', 'of type string'],
    [Routed, 'Routed is a controller'],
    [Provided, 'Provided is a provider'],
    [Caught, 'Caught is an exception filter'],
  ])('refuses %p and says why', (entry, reason) => {
    expect(() => classifyEntry(entry)).toThrow(
      expect.objectContaining({ code: 'ENTRY_INVALID', message: expect.stringContaining(reason) }),
    );
  });
});

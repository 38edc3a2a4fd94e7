import { describe, expect, test } from '@jest/globals';
import { type HandlerReference, parseHandlerReference } from './handler-reference.js';

describe('parseHandlerReference', () => {
  test.each<[string, HandlerReference]>([
    ['./src/routes.ts#list', { from: 'file', file: './src/routes.ts', exportName: 'list' }],
    ['./src/jobs/collect.ts', { from: 'file', file: './src/jobs/collect.ts' }],
    ['./a b.js#default', { from: 'file', file: './a b.js', exportName: 'default' }],
    ['./x.js#$été_1', { from: 'file', file: './x.js', exportName: '$été_1' }],
    ['../x.js#f', { from: 'file', file: '../x.js', exportName: 'f' }],
    ['list', { from: 'entry', exportName: 'list' }],
    ['_list$2', { from: 'entry', exportName: '_list$2' }],
  ])('reads %s', (reference, expected) => {
    expect(parseHandlerReference(reference)).toEqual(expected);
  });

  test.each([
    '',
    '.',
    './',
    '#list',
    './x.ts#',
    './x.ts#a#b',
    './x.ts#1a',
    'src/x.ts',
    '/x.ts',
    'a-b',
    '1a',
    './x\0.ts',
    '.\\x.ts',
  ])('refuses %j', (reference) => {
    expect(parseHandlerReference(reference)).toBeUndefined();
  });
});

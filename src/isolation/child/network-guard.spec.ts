import { expect, it } from '@jest/globals';
import { endpointOf } from './network-guard.js';

it.each([
  [[{ host: 'db', port: '5432' }], { host: 'db', port: 5432, path: undefined }],
  [[[{ path: '/run/x' }, null]], { path: '/run/x', host: undefined, port: undefined }],
  [[5432, 'db'], { host: 'db', port: 5432 }],
  [['5432'], { host: undefined, port: 5432 }],
  [['/run/x', () => undefined], { path: '/run/x' }],
])('%j leads to %j', (args, expected) => {
  expect(endpointOf(args)).toEqual(expected);
});

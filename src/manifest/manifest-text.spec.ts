import { describe, expect, test } from '@jest/globals';
import { validateManifest } from './validate-manifest.js';

const VALID = `"name": "hello", "version": "1.0.0", "displayName": "H", "description": "", "author": "N"`;

const places = async (text: string) =>
  (await validateManifest(text)).problems.map(({ code, line, column }) => [code, line, column]);

describe('the text of a manifest', () => {
  test.each<[string, string, unknown[][]]>([
    ['nothing', '', [['MANIFEST_SYNTAX', 1, 1]]],
    ['a word', 'hello', [['MANIFEST_SYNTAX', 1, 1]]],
    ['a missing comma', `{ ${VALID}\n  "license": "MIT" }`, [['MANIFEST_SYNTAX', 2, 3]]],
    ['a missing brace', `{ ${VALID}\n`, [['MANIFEST_SYNTAX', 2, 1]]],
    ['a missing value', `{\n "name":\n}`, [['MANIFEST_SYNTAX', 3, 1]]],
    ['single quotes', `{\n  'name': 1 }`, [['MANIFEST_SYNTAX', 2, 3]]],
    ['a string over two lines', `{ "name": "a\nb" }`, [['MANIFEST_SYNTAX', 1, 11]]],
    ['a control character', `{ "name": "a\u0001" }`, [['MANIFEST_SYNTAX', 1, 11]]],
    ['something after the end', `{ ${VALID} }\n x`, [['MANIFEST_SYNTAX', 2, 2]]],
    ['a comment', `{ ${VALID},\n // so\n "license": "MIT" }`, [['MANIFEST_SYNTAX', 2, 2]]],
    [
      'comments and trailing commas, each of them, and what else is wrong',
      `/* a */ { ${VALID},\n "license": 1, // b\n "permissions": ["a:b",],\n}`,
      [
        ['MANIFEST_SYNTAX', 1, 1],
        ['MANIFEST_TYPE', 2, 13],
        ['MANIFEST_SYNTAX', 2, 16],
        ['MANIFEST_SYNTAX', 3, 23],
        ['MANIFEST_SYNTAX', 3, 25],
      ],
    ],
    ['a key twice', `{ ${VALID},\n "name": "hello2" }`, [['MANIFEST_DUPLICATE_KEY', 2, 2]]],
    ['__proto__', `{ ${VALID},\n "metadata": { "__proto__": {} } }`, [['MANIFEST_FORBIDDEN_KEY', 2, 16]]],
    ['an unknown key stands at the key', `{ ${VALID},\r\n "a": 1 }`, [['MANIFEST_UNKNOWN_KEY', 2, 2]]],
    ['a wrong value stands at the value', `{ ${VALID},\r\r "license": 1 }`, [['MANIFEST_TYPE', 3, 13]]],
    ['a missing key stands at its object', `{ ${VALID},\n "jobs": { "a":\n  {} } }`, [['MANIFEST_REQUIRED', 3, 3]]],
  ])('%s', async (_case, text, expected) => {
    expect(await places(text)).toEqual(expected);
  });

  test('problems stand in the order of the text', async () => {
    const text = `{ "x": 1,\n "version": "1", "name": "A",\n "jobs": { "a": { "schedule": "x" }, "B b": 1 } }`;
    const lines = (await places(text)).map(([, line, column]) => Number(line) * 1000 + Number(column));
    expect(lines.length).toBeGreaterThan(7);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });

  test('a byte order mark is passed over, and counts for no column', async () => {
    expect(await places(`\uFEFF{ ${VALID} }`)).toEqual([]);
    expect(await places(`\uFEFF{ "a": 1, ${VALID} }`)).toEqual([['MANIFEST_UNKNOWN_KEY', 1, 3]]);
  });

  test.each([
    ['arrays', '['.repeat(200_000)],
    ['objects', '{"a":'.repeat(200_000)],
    ['arrays that are closed', `{ ${VALID}, "x-a": ${'['.repeat(100_000)}${']'.repeat(100_000)} }`],
  ])('%s that nest without end are one problem', async (_case, text) => {
    expect((await validateManifest(text)).problems).toEqual([
      expect.objectContaining({ code: 'MANIFEST_TOO_DEEP', line: 1, column: expect.any(Number) as unknown }),
    ]);
  });

  test('nesting of 64 levels is not too deep, of 65 is', async () => {
    const nested = (levels: number) => `{ ${VALID}, "x-a": ${'['.repeat(levels - 1)}${']'.repeat(levels - 1)} }`;
    expect(await places(nested(64))).toEqual([]);
    expect(await places(nested(65))).toEqual([['MANIFEST_TOO_DEEP', 1, expect.any(Number)]]);
  });

  test('__proto__ changes no prototype', async () => {
    const { raw } = await validateManifest(`{ ${VALID}, "__proto__": { "polluted": 1 } }`);
    expect(raw).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });
});

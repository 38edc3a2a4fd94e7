import { describe, expect, it } from '@jest/globals';
import { codedError, failureProblem } from './failure-problem.js';

const stackOf = (thrown: unknown) => failureProblem(codedError(thrown, 'MODULE_LOAD_FAILED')).stack;

describe('failureProblem', () => {
  it('has the stack of the innermost cause', () => {
    const inner = new Error('inner');
    expect(stackOf(new Error('outer', { cause: new Error('middle', { cause: inner }) }))).toBe(inner.stack);
  });

  it.each([['text'], [{ a: 1 }], [null], [0]])('ends where a module has thrown %j', (thrown) => {
    expect(stackOf(thrown)).toMatch(/^Error: thrown: /);
    expect(stackOf(new Error('outer', { cause: thrown }))).toMatch(/^Error: outer/);
  });

  it('ends where errors are causes of each other', () => {
    const [first, second] = [new Error('first'), new Error('second')];
    first.cause = second;
    second.cause = first;
    expect(stackOf(first)).toMatch(/^Error: (first|second)/);
  });
});

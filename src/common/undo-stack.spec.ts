import { describe, expect, it } from '@jest/globals';
import { UndoStack } from './undo-stack.js';

describe('UndoStack', () => {
  it('undoes last-first, waiting for each', async () => {
    const order: string[] = [];
    const undos = new UndoStack();
    undos.push('first', () => void order.push('first'));
    undos.push('second', async () => {
      await Promise.resolve();
      order.push('second');
    });
    expect(await undos.unwind()).toEqual([]);
    expect(order).toEqual(['second', 'first']);
  });

  it('goes on past a failure and names each step that failed', async () => {
    const order: string[] = [];
    const undos = new UndoStack();
    undos.push('first', () => void order.push('first'));
    undos.push('second', () => Promise.reject(new Error('stuck')));
    const [failure, ...others] = await undos.unwind();
    expect(others).toEqual([]);
    expect(failure?.message).toContain('"second"');
    expect(failure?.cause).toEqual(new Error('stuck'));
    expect(order).toEqual(['first']);
  });

  it('undoes nothing twice', async () => {
    let undone = 0;
    const undos = new UndoStack();
    undos.push('once', () => void undone++);
    await undos.unwind();
    await undos.unwind();
    expect(undone).toBe(1);
  });
});

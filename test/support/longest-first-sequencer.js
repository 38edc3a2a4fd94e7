import sequencer from '@jest/test-sequencer';

/** Which of the two it is depends on who loads this file. */
const Sequencer = sequencer.default ?? sequencer;

/** Specs that take minutes: begun last, one of them would keep a single worker busy after all others are done. */
const LONG = /(crash-points|cluster|connections)/;

export default class LongestFirstSequencer extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(({ path }) => LONG.test(path)), ...sorted.filter(({ path }) => !LONG.test(path))];
  }
}

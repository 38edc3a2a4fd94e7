import Sequencer from '@jest/test-sequencer';

/** Specs that take minutes: begun last, one of them would keep a single worker busy after all others are done. */
const LONG = /(crash-points|cluster|connections)/;

export default class LongestFirstSequencer extends Sequencer.default {
  async sort(tests) {
    const sorted = await super.sort(tests);
    return [...sorted.filter(({ path }) => LONG.test(path)), ...sorted.filter(({ path }) => !LONG.test(path))];
  }
}

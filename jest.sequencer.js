import sequencer from '@jest/test-sequencer';

/** A new clone has no recorded times: a test that takes long must not start last. */
const rank = ({ path }) =>
  ['.slow.test.js', '.heavy.test.js', '.program.test.js', '.test.js'].findIndex((end) => path.endsWith(end));

export default class extends sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

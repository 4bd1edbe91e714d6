import sequencer from '@jest/test-sequencer';

/**
 * Folders of slow tests, slowest first. A new clone has no recorded times: otherwise one could start last.
 */
const LONG = ['/e2e/bare/', '/e2e/', '/hostile/', '/search/', '/distribution/'];

const rank = ({ path }) => LONG.findIndex((folder) => path.includes(folder)) + 1 || LONG.length + 1;

export default class extends sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

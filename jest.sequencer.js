import sequencer from '@jest/test-sequencer';

/** Folders whose tests take long, the longest first. A new clone knows no times: without this a worker would have one of them left at the end. */
const LONG = ['/e2e/bare/', '/e2e/', '/hostile/', '/search/', '/distribution/'];

const rank = ({ path }) => LONG.findIndex((folder) => path.includes(folder)) + 1 || LONG.length + 1;

export default class extends sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

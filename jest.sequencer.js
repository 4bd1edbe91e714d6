import sequencer from '@jest/test-sequencer';

/**
 * Slow tests and folders of them, slowest first. A new clone has no recorded times: otherwise one could start
 * last.
 */
const LONG = [
  ...['/e2e/bare/', '/distribution/image.', '/hostile/floods.', '/pipeline/stream-sweep.', '/hostile/'],
  ...['/e2e/', '/search/', '/formats/minidump-hostile.', '/sweep/', '/copies/', '/distribution/'],
];

const rank = ({ path }) => LONG.findIndex((part) => path.includes(part)) + 1 || LONG.length + 1;

export default class extends sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

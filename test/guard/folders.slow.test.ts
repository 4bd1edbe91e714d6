import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { slowGcore } from './slow-gcore.js';
import { withWatched } from './watched.js';

describeWith(['age', 'zstd', 'gcore', 'python3'], 'gcore', () => {
  test('a core that is written for twenty seconds is taken when it is whole', () =>
    withWatched((watched) => slowGcore(watched, 20)));
});

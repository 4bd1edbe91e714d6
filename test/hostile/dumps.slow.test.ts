import { expect, test } from '@jest/globals';
import { damageDumps } from './dump-damage.js';

test('a damaged dump never passes', async () => {
  expect(await damageDumps(1_000)).toEqual([]);
});

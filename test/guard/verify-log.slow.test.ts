import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { verifyLog } from '../../src/guard/log/verify-log.js';
import { cases } from '../support/property.js';
import { CHANGES, notFound } from './log-changes.js';
import { inLogFolder } from './made-log.js';

const ENTRIES = 10_000;

describe('a log of 10,000', () => {
  const random = new SeededRandom('guard log');

  test.each(Object.keys(CHANGES))('shows each line that is %s', (change) =>
    inLogFolder(async (made) => {
      made.build(ENTRIES);
      const result = await verifyLog({ log: made.file('log.jsonl'), key: made.key });
      expect(result).toMatchObject({ verified: true, entries: ENTRIES });
      const places = Array.from({ length: cases(250) }, () => random.below(ENTRIES));
      expect(await notFound(made, change, [...places, ENTRIES - 2, ENTRIES - 1])).toEqual([]);
    }),
  );
});

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { LimitName } from '../../src/core/limits/searches.js';
import { SEARCHES, STEPS } from '../../src/core/limits/searches.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { DOCUMENTS, refreshed, written } from './keys-document.js';

describe('the table of searches', () => {
  test.each(Object.keys(DOCUMENTS))(
    '%s is fresh (node dist/test/search/keys-document.js --write)',
    (name) => {
      expect(written(name)).toBe(refreshed(name));
    },
  );

  test('has its rows in the order of the steps, each step with a row', () => {
    const steps = SEARCHES.map(({ step }) => step);
    expect([...new Set(steps)]).toEqual(Object.keys(STEPS));
    expect(steps).toEqual([...steps].sort((a, b) => order(a) - order(b)));
  });

  test('names each search once, and a file that exists', () => {
    const ids = SEARCHES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const missing = SEARCHES.filter(
      ({ algorithm }) => !existsSync(fileURLToPath(asset(`src/search/${algorithm}`))),
    );
    expect(missing).toEqual([]);
  });

  test('types the names of limits: another name does not compile', () => {
    const skipped = new SkippedWork();
    // @ts-expect-error no row has this limit
    const unknown: LimitName = 'rsa-unknown-n quotients';
    skipped.add(unknown, { target: 'blind', left: 1 }, 'numbers were not tried', 0, 8);
    skipped.add('rsa-unknown-n', { target: 'blind', left: 1 }, 'numbers were not tried', 0, 8);
    expect(skipped.limits().map(({ search }) => search)).toEqual(['rsa-unknown-n', unknown]);
  });
});

const order = (step: string): number => Object.keys(STEPS).indexOf(step);

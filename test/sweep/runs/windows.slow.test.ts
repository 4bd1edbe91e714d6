import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import type { Run } from '../../../src/search/core/types.js';
import { ENCODING_BITS, FITTED, HEADED, INNER, OWN } from '../../../src/sweep/runs/records.js';
import { findRuns } from '../../search/runs.js';
import fc from '../../support/property.js';
import { type Extracted, extracted } from './extracted.js';
import { naiveAnyLength } from './naive-any-length.js';
import { naiveWindows, SMALL_PRIMES, type Tally, USUAL } from './naive-windows.js';
import { planted } from './planted-numbers.js';
import { soup } from './soup.js';

/** Windows at any byte have a twin of their own (test/search/run-filling-numbers.slow.test.ts). */
const kept = (data: Buffer, { offset, words }: Run): Extracted[] =>
  extracted(data, offset, words).filter(
    ({ kind, detail }) => kind === 'anyLength' || (kind === 'window' && !(detail & OWN)),
  );

const keys = (all: readonly Extracted[]) =>
  all
    .map(({ kind, offset, detail, sum, size, value }) =>
      JSON.stringify([kind, offset, detail, sum, size, value]),
    )
    .sort();

const READINGS = ['limbs', 'octets', 'integers'];

/** What of the rules a record shows. */
function showing(data: Buffer, run: Run, { kind, offset, detail, size }: Extracted): string[] {
  const reading = READINGS[detail & ENCODING_BITS]!;
  const end = run.offset + run.words * 8;
  const length = kind === 'anyLength' ? Math.ceil(size / 64) * 8 - (detail >> 2) : size * 8;
  const beside = [
    ...(offset < run.offset ? ['begins before its run'] : []),
    ...(offset < run.offset - 8 ? ['begins before two words that are not random'] : []),
    ...(offset + length > end ? ['ends behind its run'] : []),
    ...(offset + length > end + 8 ? ['ends behind two words that are not random'] : []),
    ...(offset === 0 ? ['begins where the data does'] : []),
    ...(offset + length === data.length ? ['ends where the data does'] : []),
    ...(run.words > 96 ? ['in a long run'] : []),
    ...(run.words > 1024 ? ['in a run of two parts'] : []),
  ].map((place) => `${kind} ${place}`);
  if (kind === 'anyLength') {
    const [less, holed] = [detail >> 2, offset + length > end && data[end - 1] === 0];
    return [...beside, `${reading} that lack ${less} bytes`, ...(holed ? [`${reading} behind a zero`] : [])];
  }
  const place = detail & INNER ? 'inside' : 'at an edge';
  const headers = `${detail & HEADED ? ', headed' : ''}${detail & FITTED ? ', fitted' : ''}`;
  const late = offset % 8 === 1 ? [`${place}, behind a zero`] : [];
  return [...beside, `${size} words as ${reading}`, `${place}${headers}`, ...late];
}

class Seen {
  readonly counts = new Map<string, number>();
  readonly add: Tally = (what) => this.counts.set(what, (this.counts.get(what) ?? 0) + 1);

  /** Windows among these that were seen less often. */
  rarer(least: number, all: readonly string[]): string[] {
    return all.filter((what) => (this.counts.get(what) ?? 0) < least);
  }
}

function compare(data: Buffer, seen: Seen): void {
  for (const run of findRuns(bufferReader(data))) {
    const expected = [...naiveWindows(data, run, seen.add), ...naiveAnyLength(data, run, seen.add)];
    expect(keys(kept(data, run))).toEqual(keys(expected));
    for (const record of expected) for (const what of showing(data, run, record)) seen.add(what);
  }
}

const BY_SIZE = (sizes: readonly number[], readings: readonly string[]) =>
  sizes.flatMap((words) => readings.map((reading) => `${words} words as ${reading}`));
const SHOWN = [
  'at an edge',
  'at an edge, headed',
  'at an edge, behind a zero',
  'inside',
  'inside, behind a zero',
];

/** What any memory shows. */
const COMMON = [
  ...BY_SIZE([4, 6, 8, 12, 16, 24, 32], ['limbs', 'octets']),
  ...SHOWN,
  ...['limbs that lack 0 bytes', 'octets that lack 0 bytes'],
  ...['window begins before its run', 'window ends behind its run', 'anyLength ends behind its run'],
];

/** All of it. */
const ALL = [
  ...BY_SIZE(USUAL, READINGS),
  ...SHOWN,
  ...['inside, behind a zero', 'at an edge, fitted', 'at an edge, headed, fitted', 'inside, fitted'],
  ...['limbs that lack 0 bytes', 'integers that lack 0 bytes', 'integers that lack 4 bytes'],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((less) => `octets that lack ${less} bytes`),
  'octets behind a zero',
  ...[
    'begins before its run',
    'ends behind its run',
    'ends behind two words that are not random',
    'begins where the data does',
    'ends where the data does',
    'in a long run',
  ].flatMap((place) => [`window ${place}`, `anyLength ${place}`]),
  'window begins before two words that are not random',
  'window in a run of two parts',
  ...['its bytes score high', 'its pairs score high'],
  ...SMALL_PRIMES.map((p) => `divided by ${p} alone`),
];

describe('RSA windows, and numbers that fill a run but not their words, follow the rules', () => {
  test.each([
    ['in any memory', soup, 1500, COMMON],
    ['where numbers were put', planted, 4000, ALL],
  ])('%s', (_, memory, numRuns, all) => {
    const seen = new Seen();
    fc.assert(
      fc.property(memory, (data) => compare(data, seen)),
      { numRuns },
    );
    expect(seen.rarer(5, all)).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { Limit, LimitTarget } from '../../src/core/limits/limit.js';
import { type LimitName, SEARCHES } from '../../src/core/limits/searches.js';
import { SHARED_LIMITS } from '../../src/core/limits/shared-limits.js';
import { sightings } from '../../src/search/core/known-integers.js';
import { RunList } from '../../src/search/core/run-list.js';
import { CurveNumbers } from '../../src/search/curves/numbers/curve-numbers.js';
import { DigitRuns } from '../../src/search/rsa/digit-runs.js';
import { textModuli } from '../../src/search/rsa/rsa-request.js';
import { RsaWindows } from '../../src/search/rsa/rsa-windows.js';
import type { NumberSearch } from '../../src/search/session/number-search.js';
import { RecordList, RecordReader } from '../../src/sweep/runs/records.js';
import { parts, searchBytes } from './harness.js';
import { collected, LIFTED, numbersOf, searched, unlimited } from './limits/collect.js';
import {
  manyDivisors,
  manyExponents,
  manyModuli,
  nearPoints,
  nonces,
  proofs,
  shielded,
  withoutPoint,
} from './limits/drives.js';
import { everything } from './limits/everything.js';
import { digits, odd, RSA, random, text, toNumber } from './limits/numbers.js';

/**
 * For every name in the tables of limits: an artifact in which it is reached, with no budget at all or with
 * more than fits the memory, and for what. With all budgets lifted it is gone.
 */

interface Row {
  targets: readonly LimitTarget[];
  /** Its own artifact, instead of {@link everything}. */
  drive?: (deep: boolean) => Limit[];
  /** `--deep` leaves it out too: it is not marked `deep`. */
  memory?: true;
}

const { bytes, context } = everything();
const none = searchBytes(bytes, context, false, undefined, 0).limits;
const lifted = searchBytes(bytes, context, false, undefined, LIFTED).limits;

const record = { bytes: Buffer.alloc(0), detail: 1, sum: 0, at: 0 };

/** More distinct records than a set holds. */
const crowd = (most: number, add: (words: Uint32Array, i: number) => void) => {
  const words = new Uint32Array(64);
  for (let i = 0; i <= most; i++) {
    words[0] = i * 0x9e3779b1;
    words[1] = i;
    add(words, i);
  }
};

const known = ['asked', 'written'] as const;
const blind = ['blind'] as const;

/** Those of the searches for secrets of tokens have tests of their own (hmac.test.ts). */
type Name = Exclude<LimitName, `hmac-${string}`>;

const ROWS: { [K in Name]: Row } = {
  'rsa-unknown-n': { targets: blind },
  'rsa-unknown-n windows': {
    targets: blind,
    memory: true,
    drive: () =>
      collected((skipped) => {
        const windows = new RsaWindows(skipped);
        for (let i = 0; i <= 1_000_000; i++) windows.keep(16, 8 * i, 0, BigInt(i));
        windows.release();
      }),
  },
  'rsa-exponents': {
    targets: blind,
    memory: true,
    drive: () =>
      searched(Buffer.concat([Buffer.alloc(64), digits(toNumber(odd(256)))]), unlimited, (from) => {
        const full = new RunList();
        while (full.push({ offset: 0, words: 4 }));
        const windows = new RsaWindows(from.skippedWork);
        const { kernel, skippedWork } = from;
        const runs = new DigitRuns(kernel, from.bytes, windows, skippedWork, full);
        runs.add({ ...record, words: new Uint32Array(2), offset: 64, detail: 0, size: 68 });
      }),
  },
  'rsa-known-n primes': { targets: known },
  'rsa-known-n moduli': { targets: ['written'], drive: manyModuli },
  'rsa-known-n exponents': { targets: ['written'], drive: manyExponents },
  'rsa-known-n edges': { targets: known },
  'rsa-known-n digits': { targets: known },
  'rsa-known-n d': { targets: known },
  'rsa-known-n dp': { targets: known },
  'rsa-known-n montgomery': { targets: known },
  'rsa-known-n parts': { targets: ['asked'] },
  'rsa-unknown-n moduli': { targets: blind },
  'rsa-unknown-n divisors': { targets: blind, drive: manyDivisors },
  'rsa-unknown-n d': { targets: blind },
  'rsa-unknown-n crt': { targets: blind },
  'ec-numbers': {
    targets: blind,
    memory: true,
    drive: () =>
      collected((skipped) => {
        const numbers = new CurveNumbers();
        crowd(1 << 18, (words, i) => numbers.addWhole({ ...record, words, offset: i * 32, size: 32 }));
        numbers.reportDropped(skipped, new Set());
        numbers.release();
      }),
  },
  'ec-coordinates': { targets: ['written', 'blind'] },
  'ec-points': { targets: ['written', 'blind'] },
  'ec-scalars': { targets: ['written'] },
  'ec-scalars near points': { targets: ['asked', 'blind'], drive: nearPoints },
  'ec-scalars without a point': { targets: blind, drive: withoutPoint },
  'ecdsa-nonces': { targets: ['written'], drive: nonces },
  'ed25519-seeds': { targets: ['written', 'blind'] },
  'ed448-seeds': { targets: ['written', 'blind'] },
  'x448-seeds': { targets: ['written', 'blind'] },
  'openssh-prekeys': { targets: blind, drive: (isDeep) => shielded(isDeep, 1 << 14) },
  'openssh-shielded': { targets: blind, drive: (isDeep) => shielded(isDeep, 4096, 64) },
  'known-numbers': {
    targets: blind,
    drive: (isDeep) =>
      searched(text('runs'.repeat(64)), isDeep ? unlimited : (usual) => usual, (from) => {
        const low = random.bytes(8);
        const wanted = Array.from({ length: 40 }, (_, i) => ({
          ...{ value: toNumber(Buffer.concat([odd(64 + 8 * i), low])), label: i },
        }));
        expect([...sightings(wanted, from)]).toEqual([]);
      }),
  },
  'inner-numbers': {
    targets: blind,
    drive: (isDeep) => {
      const image = Buffer.concat([Buffer.alloc(64), random.bytes(32 * 5), Buffer.alloc(64)]);
      return searchBytes(image, {}, false, undefined, isDeep ? LIFTED : 1 / 4096).limits;
    },
  },
  runs: {
    targets: blind,
    drive: (isDeep) => {
      const records = new RecordList();
      for (let i = 0; i <= 1 << 16; i++) records.open(i * 64, 4, true);
      const use = (search: NumberSearch) => search.take(new RecordReader(records.finish()));
      return numbersOf(Buffer.alloc(64), use, isDeep ? 'deep' : 'quick');
    },
  },
  numbers: {
    targets: blind,
    memory: true,
    drive: () => {
      const records = new RecordList();
      for (let i = 0; i <= 1 << 21; i++) records.open(i * 64, 4, true);
      return numbersOf(Buffer.alloc(64), (search) => search.take(new RecordReader(records.finish())));
    },
  },
  texts: {
    targets: blind,
    memory: true,
    drive: () => {
      const strings = Array.from({ length: 16_800 }, () => text(random.bytes(56).toString('base64url')));
      const image = Buffer.concat(strings.map((each) => Buffer.concat([each, Buffer.alloc(5)])));
      return numbersOf(image, (search) => {
        for (let i = 0; i < strings.length; i++) search.addText(i * 96 + 16, 75);
      });
    },
  },
  'rsa-text-moduli': {
    targets: blind,
    drive: (isDeep) =>
      collected((skipped) => {
        const octets = parts(RSA.asked).n!;
        const texts = [0, 200].map((offset) => ({
          octets,
          offset,
          length: 171,
          reading: 'base64url' as const,
        }));
        for (const _ of textModuli(texts, skipped, isDeep ? unlimited : () => 0));
      }),
  },
  // A search that was stopped (test/scan).
  'rsa-numbers': { targets: [], memory: true, drive: () => [] },
  'rsa-proofs': { targets: ['written'], drive: (isDeep) => proofs(isDeep) },
};

const NAMES = Object.keys(ROWS) as Name[];

test('every name of the tables has a row here', () => {
  const names = [...SEARCHES.map(({ limits }) => limits), SHARED_LIMITS]
    .flatMap(Object.keys)
    .filter((name) => !name.startsWith('hmac-'));
  expect(NAMES.sort()).toEqual([...new Set(names)].sort());
});

describe('a limit names what was left, for what, and how long it would take', () => {
  test.each(NAMES)('%s', (name) => {
    const { targets, drive, memory = false } = ROWS[name];
    const limits = (drive?.(false) ?? none).filter(({ search }) => search === name);
    expect(limits.map(({ target }) => target)).toEqual(targets);
    for (const { left, deep, length, reason } of limits) {
      expect(Number.isInteger(left) && left > 0 && length >= 0).toBe(true);
      expect(reason.length).toBeGreaterThan(10);
      expect(deep === undefined).toBe(memory);
    }
    if (!memory) expect((drive?.(true) ?? lifted).filter(({ search }) => search === name)).toEqual([]);
  });
});

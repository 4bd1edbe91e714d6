import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { sweepTask } from '../../src/sweep/sweep-task.js';
import { LONGEST_RUN, looksRandom } from '../../src/sweep/values/random.js';
import { CONTEXT, unpackRun } from '../../src/sweep/values/value-run.js';
import fc from '../support/property.js';
import { KERNELS, type KernelName, kernelFor } from '../support/scalar-kernel/kernels.js';
import { expectAsDefined } from './as-defined.js';
import { fusedBatches, list, literal, noise } from './oracle.js';

const PREFIXES = [
  literal('ghp_', { wide: true }),
  literal('sk-', { wide: true }),
  literal('AKIA', { wide: true }),
  literal('xoxb-', { caseless: true }),
];
const LITERALS = [literal('-----BEGIN'), ...PREFIXES];
const names = Buffer.from('{"names":[]}');
const net = compileLiterals(LITERALS, { names, prefixes: LITERALS.map((_, i) => i > 0) });

interface Run {
  at: number;
  length: number;
  stride: 1 | 2;
}

const CHARACTER = '[A-Za-z0-9+/_-]';
const NARROW = new RegExp(`${CHARACTER}{16,}`, 'g');
/** Not behind a character of the same run. */
const WIDE = new RegExp(`(?<!${CHARACTER}\\0)(?=((?:${CHARACTER}\\0){15,}${CHARACTER}))`, 'g');

/** The definition: all runs of 16 characters and more. */
function runsIn(data: Buffer): Run[] {
  const text = data.toString('latin1');
  const narrow = [...text.matchAll(NARROW)].map(({ index, 0: run }) => ({
    at: index,
    length: run.length,
    stride: 1 as const,
  }));
  const wide = [...text.matchAll(WIDE)].map((match) => ({
    at: match.index,
    length: (match[1]!.length + 1) / 2,
    stride: 2 as const,
  }));
  return [...narrow, ...wide].sort((a, b) => a.at - b.at || a.stride - b.stride);
}

const isRandom = (data: Buffer, { at, length, stride }: Run) => looksRandom(data, at, length, stride);
const isMangled = (data: Buffer, { at, stride }: Run) =>
  stride === 1 && /^_[ZR][0-9A-Z]/.test(data.toString('latin1', at, at + 3));
const named = ({ at, length, stride }: Run) => `${at} ${Math.min(length, LONGEST_RUN)} ${stride}`;

const naive = (data: Buffer): string[] =>
  runsIn(data)
    .filter((run) => isRandom(data, run) && !isMangled(data, run))
    .map(named);

interface Found {
  runs: (Run & { cut: boolean; random: boolean })[];
  /** Offsets and ids of values, then of hits. */
  exact: string[];
}

function sweep(name: KernelName, data: Buffer, chunk: number): Found {
  const found: Found = { runs: [], exact: [] };
  for (const { values, offsets, ids } of fusedBatches(name, net, data, chunk)) {
    found.exact.push(...list({ offsets, ids }).map((hit) => `hit ${hit}`));
    if (values === undefined) continue;
    found.exact.push(...list(values));
    for (const [i, at] of values.offsets.entries()) {
      const { wide, ...run } = unpackRun(values.ids[i]!);
      found.runs.push({ at, stride: wide ? 2 : 1, ...run });
    }
  }
  found.exact.sort();
  return found;
}

/** What the sweep finds, with the runs at a cut read again from the whole data. */
function found(name: KernelName, data: Buffer, chunk: number): string[] {
  const all = new Map(runsIn(data).map((run) => [`${run.at} ${run.stride}`, run]));
  return sweep(name, data, chunk).runs.flatMap((run) => {
    const whole = all.get(`${run.at} ${run.stride}`);
    expect(whole).toBeDefined();
    if (run.random) expect(named(run)).toBe(named(whole!));
    else expect(run.cut).toBe(true);
    return isRandom(data, whole!) ? [named(whole!)] : [];
  });
}

/** Hits of prefixes at the start of a run, behind a separator, or behind an escape or a byte at the start. */
function prefixHits(data: Buffer): string[] {
  return runsIn(data)
    .flatMap(({ at, length, stride }) => {
      const run = Buffer.from(Array.from({ length }, (_, i) => data[at + stride * i]!)).toString('latin1');
      const isText = stride === 1 || data[at - 1] === 0;
      const before = isText ? String.fromCharCode(data[at - stride] ?? 0) : '';
      const text = before.padStart(1, '\0') + run;
      const places = /(?<=^[\s\S]|^\\.|^%..|^\\.{3}|^\\.{5}|^[\s\S].|.[+/_-])(?=.{16})/g;
      return [...text.matchAll(places)].flatMap(({ index: behind }) => {
        const index = behind - 1;
        return LITERALS.flatMap(({ bytes, caseless, wide }, i) => {
          if (i === 0 || (stride === 2 && !wide)) return [];
          const text = Buffer.from(bytes).toString('latin1');
          const there = run.slice(index, index + text.length);
          const same = caseless ? there.toLowerCase() === text : there === text;
          return same ? [`${at + stride * index} ${2 * i + stride - 1}`] : [];
        });
      });
    })
    .sort();
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-';
const of = (unit: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength, maxLength });
const prefix = fc.constantFrom(
  'ghp_',
  'sk-',
  'AKIA',
  'XoxB-',
  'ghp',
  'x-ghp_',
  'a/AKIA',
  'nghp_',
  '3Dghp_',
  'x3dsk-',
  'u003dAKIA',
);
const value = fc.oneof(
  { weight: 4, arbitrary: of(ALPHABET, 12, 70) },
  { weight: 2, arbitrary: of('0123456789abcdef', 12, 70) },
  { weight: 1, arbitrary: of('abcdefghijklmnopqrstuvwxyz0123456789', 14, 30) },
  { weight: 1, arbitrary: of('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 14, 30) },
  { weight: 1, arbitrary: of('etaoin_', 10, 40) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('LIVE_KEY-', 'one_', 'Two-three_', ''), of('0123456789abcdef', 14, 40))
      .chain(([before, hex]) =>
        fc.constantFrom('', '-X', '_aA', '-0123456789').map((behind) => before + hex + behind),
      ),
  },
  { weight: 1, arbitrary: of('0123456789', 10, 40) },
  { weight: 1, arbitrary: of('-_/', 10, 40) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '_ZN4Qt5x9FqL2kT',
      '_ZaK9fLq2LxV7mRzT4',
      '_RNvK9fLq2LxV7mRz',
      'getElementsByTagName',
      'usr/share/doc/packages',
      'content-type',
    ),
  },
  { weight: 4, arbitrary: fc.tuple(prefix, of(ALPHABET, 6, 30)).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: of(ALPHABET, 1000, 1100) },
);
const asBytes = (text: string) => Buffer.from(text, 'latin1');
const little = (text: string) => Buffer.from(text, 'utf16le');
const big = (text: string) => Buffer.from(text, 'utf16le').swap16();
const gap = fc.oneof(
  fc.uint8Array({ maxLength: 5 }),
  fc.constantFrom(...['', '\0', '\0\0', '=', '%', '\\', ' a\0', ':"'].map(asBytes)),
  fc.nat(150).map((length) => Buffer.alloc(length)),
);
const memory = fc
  .array(fc.tuple(gap, value, fc.constantFrom(asBytes, asBytes, little, big)), { maxLength: 8 })
  .map((parts) => Buffer.concat(parts.flatMap(([before, text, form]) => [before, form(text)])));

const CHUNKS = [64, 128, 512, 4096, 1 << 20];

describe.each(KERNELS)('value net, kernel %s', (name) => {
  test('finds the random runs of the definition for any chunks and cuts', () => {
    const options = { chunks: CHUNKS, numRuns: 250 };
    const count = expectAsDefined(memory, naive, (data, chunk) => found(name, data, chunk), options);
    expect(count).toBeGreaterThan(300);
  });

  test('finds prefixes at the start of a run and behind its separators', () => {
    const hits = (data: Buffer, chunk: number) => {
      const all = sweep(name, data, chunk).exact.flatMap((each) => each.split('hit ')[1] ?? []);
      const expected = new Set(prefixHits(data));
      // Of a run that began in an earlier call, all prefixes are hits, however short it is.
      return chunk < 1 << 20 ? all.filter((hit) => expected.has(hit)) : all;
    };
    const options = { chunks: CHUNKS, numRuns: 250 };
    expect(expectAsDefined(memory, prefixHits, hits, options)).toBeGreaterThan(40);
  });

  test('is the same as the twin', () => {
    fc.assert(
      fc.property(memory, fc.constantFrom(...CHUNKS), (data, chunk) => {
        expect(sweep(name, data, chunk).exact).toEqual(sweep('scalar', data, chunk).exact);
      }),
      { numRuns: 200 },
    );
  });

  test('finds a run at every byte around a cut, in all forms', () => {
    const text = 'ghp_9fKq2LxV7mRzT4';
    for (const form of [asBytes, little, big])
      for (let at = 80; at <= 200; at++) {
        const data = Buffer.concat([
          Buffer.alloc(at, '='),
          form(text),
          Buffer.from([0x3b, 0x3b]),
          Buffer.alloc(90),
        ]);
        const expected = naive(data);
        expect(expected).toHaveLength(1);
        for (const chunk of [64, 128]) {
          expect(found(name, data, chunk)).toEqual(expected);
          expect(sweep(name, data, chunk).exact.filter((each) => each.startsWith('hit'))).toHaveLength(1);
        }
      }
  });

  test('marks runs whose surroundings are in another call', () => {
    const data = Buffer.alloc(4096);
    const last = 4096 - CONTEXT - 16;
    for (const [first, second, cuts] of [
      [CONTEXT - 1, last, [true, false]],
      [CONTEXT, last + 1, [false, true]],
    ] as const) {
      data.fill(0);
      for (const at of [first, second]) data.write('9fKq2LxV7mRzT4Wd', at);
      expect(sweep(name, data, 4096).runs.map(({ cut }) => cut)).toEqual(cuts);
    }
  });

  test('ends a batch early in memory of values alone', () => {
    const data = Buffer.alloc(1 << 21);
    const random = noise(1 << 21).map((byte) => ALPHABET.charCodeAt(byte & 63));
    for (let at = 0; at < data.length; at += 17) data.set(random.subarray(at, at + 16), at);
    const kernel = kernelFor(name, net, true);
    const task = { from: 0, to: data.length, chunk: 1 << 20, longest: net.longest };
    const batch = sweepTask(bufferReader(data), kernel, task);
    expect(batch.to).toBe(1 << 20);
    expect(batch.values!.offsets.length).toBeGreaterThan(50_000);
  });

  test('finds long runs once, with a capped length', () => {
    const one = Buffer.alloc(
      3 << 20,
      noise(4096).map((byte) => ALPHABET.charCodeAt(byte & 63)),
    );
    const wide = Buffer.alloc(2 * one.length);
    for (let i = 0; i < one.length; i++) wide[2 * i] = one[i]!;
    for (const [data, stride] of [
      [one, 1],
      [wide, 2],
    ] as const)
      expect(sweep(name, data, 1 << 16).runs).toEqual([
        { at: 0, length: LONGEST_RUN, stride, cut: true, random: false },
      ]);
  });

  test('finds nothing if values are not wanted', () => {
    const data = asBytes('=ghp_9fKq2LxV7mRzT4;');
    const kernel = kernelFor(name, net, true);
    const task = { from: 0, to: data.length, chunk: 64, longest: net.longest, values: false };
    const batch = sweepTask(bufferReader(data), kernel, task);
    expect([batch.offsets.length, batch.values]).toEqual([0, undefined]);
  });
});

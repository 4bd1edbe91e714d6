import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { countOpenRuns } from '../../src/detect/chance/open-runs.js';
import { ValueCensus } from '../../src/detect/chance/value-census.js';
import { kindsOf, recordOf } from '../../src/detect/chance/value-record.js';
import { createView } from '../../src/formats/memory/view.js';
import { rawDump } from '../../src/formats/others/raw/raw.js';
import { KERNELS, type KernelName } from '../../src/sweep/kernel-select.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { KIND, LONGEST_RUN, looksRandom } from '../../src/sweep/values/random.js';
import fc from '../support/property.js';
import { fusedBatches, literal } from './oracle.js';

const LITERALS = [literal('-----BEGIN'), literal('ghp_', { wide: true })];
const names = Buffer.from('{"names":[]}');
const prefixes = [false, true];
const NETS = [
  ['of prefixes and names', compileLiterals(LITERALS, { names, prefixes })],
  ['of prefixes', compileLiterals(LITERALS, { prefixes })],
] as const;

const CHARACTER = '[A-Za-z0-9+/_-]';
const NARROW = new RegExp(`(?<!${CHARACTER})${CHARACTER}{16,}`, 'g');
/** Not behind a character of the same run. */
const WIDE = new RegExp(`(?<!${CHARACTER}\\0)(?=((?:${CHARACTER}\\0){15,}${CHARACTER}))`, 'g');

/** The definition: all runs of 16 characters and more that look random, but for names of symbols. */
function naive(data: Buffer): string[] {
  const text = data.toString('latin1');
  const narrow = Array.from(text.matchAll(NARROW), ([run]) => run).filter(
    (run) => !/^_[ZR][0-9A-Z]/.test(run),
  );
  const wide = Array.from(text.matchAll(WIDE), ([, run]) => run!.replaceAll('\0', ''));
  const random = [...narrow, ...wide].map((run) => Buffer.from(run, 'latin1'));
  const found = random
    .filter((run) => looksRandom(run, 0, run.length, 1))
    .map((run) => recordOf(run, 0, run.length).join());
  return [...new Set(found)].sort();
}

function counted(name: KernelName, net: (typeof NETS)[number][1], data: Buffer, chunk: number): string[] {
  const all = new Set<string>();
  const census = new ValueCensus();
  census.add = (...record) => all.add(record.join());
  const view = createView(bufferReader(data), rawDump());
  for (const { census: records, values } of fusedBatches(name, net, data, chunk)) {
    if (records) census.addAll(records);
    if (values) countOpenRuns(values, view, census);
  }
  return [...all].sort();
}

const of = (unit: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength, maxLength });
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
const value = fc.oneof(
  of(BASE64URL, 12, 70),
  of(`${BASE64URL.slice(0, -2)}+/`, 12, 70),
  of('0123456789abcdef', 12, 70),
  of('etaoin_', 10, 40),
  of(BASE64URL, 16, 24).map((text) => `_Z1${text}`),
  of(BASE64URL, 48, 60).map((text) => String.fromCharCode(text.length) + text),
  fc
    .tuple(of(BASE64URL, 16, 30), fc.integer({ min: 20, max: 33 }))
    .map(([text, times]) => text.repeat(times)),
);
const piece = fc.oneof(
  value.map((text) => Buffer.from(text, 'latin1')),
  value.map((text) => Buffer.from(text, 'utf16le')),
  fc.constantFrom('\0', '\0\0\0', ' ', '=', '.').map((text) => Buffer.from(text, 'latin1')),
);
const memory = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.concat(pieces));

describe.each(KERNELS)('the %s kernel counts each value that looks random', (name) => {
  test.each(NETS)('with a net %s, however its chunks are cut', (_, net) => {
    fc.assert(
      fc.property(memory, fc.constantFrom(64, 128, 4096, 65_536), (data, chunk) => {
        expect(counted(name, net, data, chunk)).toEqual(naive(data));
      }),
    );
  });
});

describe.each(KERNELS)('the %s kernel counts the blocks of a long run', (name) => {
  const random = new SeededRandom('blocks');
  const text = Buffer.from(random.bytes(3 * 40 * 1024)).toString('base64');
  const kinds = 255 & ~KIND.base64url;

  /** Aligned blocks behind the first 1,024 characters of the run. */
  function blocks(data: Buffer, from: number): string[] {
    const first = Math.ceil((from + LONGEST_RUN) / 1024) * 1024;
    const count = Math.floor((data.length - first) / 1024);
    return Array.from({ length: count }, (_, i) => {
      const [hash, shape] = recordOf(data, first + 1024 * i, first + 1024 * i + 64);
      return [hash, 1024 | (kindsOf(shape) << 16)].join();
    });
  }

  test.each([
    ['in one chunk', 2 ** 18],
    ['over many', 4096],
  ])('%s', (_, chunk) => {
    const data = Buffer.concat([Buffer.alloc(100), Buffer.from(text)]);
    const found = counted(name, NETS[0][1], data, chunk);
    const first = recordOf(data, 100, data.length).join();
    expect(found).toEqual([...new Set([first, ...blocks(data, 100)])].sort());
    expect(found.length).toBe(159);
    expect(found.some((each) => each.endsWith(`,${1024 | (kinds << 16)}`))).toBe(true);
  });

  test('but not of words', () => {
    const words = Buffer.from('the_quick_brown_fox_jumps_over_'.repeat(2000));
    expect(counted(name, NETS[0][1], words, 4096)).toEqual([]);
  });
});

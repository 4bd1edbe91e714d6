import { describe, expect, test } from '@jest/globals';
import { readBase32 } from '../../../src/core/encodings/decoders.js';
import { readAscii85, readUuencode, uuencodeIn } from '../../../src/core/encodings/groups.js';
import { listingsIn, readCells, readListings } from '../../../src/core/encodings/listings.js';
import { readLists } from '../../../src/core/encodings/lists.js';
import { type Reading, readText, releaseScratch } from '../../../src/core/encodings/reading.js';
import fc from '../../support/property.js';
import { isLinear } from '../../support/work.js';

type Decode = (text: Reading) => Iterable<Reading>;

/** All that a decoder reads in a text, each with the part of the text that it comes from. */
function readingsOf(decode: Decode, text: string): { bytes: Buffer; shown: string }[] {
  const all = [...decode(readText(text))].map(({ bytes, origin }) => {
    const { start, end } = bytes.length === 0 ? { start: 0, end: 0 } : origin(0, bytes.length);
    return { bytes: Buffer.from(bytes), shown: text.slice(start, end) };
  });
  releaseScratch();
  return all;
}

const SIZES = [2, 4, 8] as const;
/** Integers of a size, by their bytes. */
function integers(bytes: Buffer, size: number, isBig: boolean, isSigned = false): bigint[] {
  return Array.from({ length: bytes.length / size }, (_, index) => {
    const word = Buffer.from(bytes.subarray(index * size, (index + 1) * size));
    const value = BigInt(`0x${(isBig ? word : word.reverse()).toString('hex')}`);
    return isSigned ? BigInt.asIntN(8 * size, value) : value;
  });
}

describe('lists of integers', () => {
  const bytes = fc
    .uint8Array({ minLength: 48, maxLength: 96, min: 1 })
    .map((all) => Buffer.from(all.subarray(0, all.length & ~7)));
  const writers: Record<string, (value: bigint, size: number) => string> = {
    hexadecimal: (value, size) => value.toString(16).padStart(2 * size, '0'),
    'C, without leading zeros': (value) => `0x${value.toString(16)}ULL`,
    decimal: (value) => value.toString(),
  };
  const separators = fc.constantFrom(', ', ' ', ',', '\n', '; ');

  test.each(Object.keys(writers))('%s words of all sizes, in both orders of bytes', (name) => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(...SIZES), fc.boolean(), separators, (all, size, isBig, between) => {
        // Padded big-endian words are pairs of digits.
        if (name === 'hexadecimal' && isBig) return;
        // Every word has the digits that show its size.
        for (let at = 0; at < all.length; at += size) all[isBig ? at : at + size - 1]! |= 0x80;
        // Leading zeros that are left out: else these are pairs of digits.
        if (isBig) all[0] = 0x0b;
        const text = integers(all, size, isBig).map((value) => writers[name]!(value, size));
        const found = readingsOf(readLists, `{${text.join(between)}}`);
        expect(found.some((reading) => reading.bytes.includes(all))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('signed words', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(...SIZES), (all, size) => {
        for (let at = 0; at < all.length; at += size) all[at + size - 1] = 0x90 + (all[at]! & 15);
        const text = `[${integers(all, size, false, true).join(', ')}]`;
        expect(readingsOf(readLists, text).some((reading) => reading.bytes.includes(all))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('keys that count up are dropped', () => {
    const all = Buffer.from('a value of bytes');
    for (const text of [
      JSON.stringify({ ...all }),
      [...all].map((byte, index) => `[${index}] => ${byte}`).join('\n'),
    ])
      expect(readingsOf(readLists, text)[0]?.bytes.equals(all)).toBe(true);
  });
});

describe('listings', () => {
  const secret = Buffer.from('an example of text that is a few lines long');
  const rows = (write: (at: number, part: Buffer) => string): string =>
    Array.from({ length: Math.ceil(secret.length / 16) }, (_, row) =>
      write(16 * row, secret.subarray(16 * row, 16 * row + 16)),
    ).join('\n');
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const pairs = (part: Buffer): string => [...part].map((byte) => hex(byte, 2)).join(' ');

  test('are their numbers, without addresses and characters, and come from whole lines', () => {
    const text = rows((at, part) => `${hex(at, 8)}  ${pairs(part).padEnd(49)} |${part}|`);
    const [reading] = readingsOf(readListings, `see:\n${text}\n`);
    expect(Buffer.from(reading!.bytes.toString().replaceAll(/\s/g, ''), 'hex').equals(secret)).toBe(true);
    expect(`${text}\n`).toContain(reading!.shown);
    expect(text.slice(-3)).toBe(reading!.shown.slice(-3));
  });

  test.each([
    ['a little below 2^53', 2n ** 53n - 16n, 'od'],
    ['at 2^53', 2n ** 53n, 'od'],
    ['between halves of 32 bits', 2n ** 32n - 16n, 'od'],
    ['a little below 2^63', 2n ** 63n - 32n, 'od'],
    ['at 2^63', 2n ** 63n, 'od'],
    ['of a kernel', 0xffff888012345670n, 'gdb'],
    ['with a tag, as Android has them', 0xb400007a12345670n, 'gdb'],
    ['with a grave accent, as WinDbg writes them', 0xffffb08c1a2b3c40n, 'windbg'],
  ])('have addresses %s', (_, first, program) => {
    const text = rows((at, part) => {
      const address = (first + BigInt(at)).toString(16).padStart(16, '0');
      if (program === 'od') return `${address} ${pairs(part)}`;
      if (program === 'gdb') return `0x${address}:\t${pairs(part)}`;
      return `${address.slice(0, 8)}\`${address.slice(8)}  ${pairs(part).padEnd(49)} ${part}`;
    });
    const [reading] = readingsOf(readListings, `see:\n${text}\n`);
    expect(Buffer.from(reading!.bytes.toString().replaceAll(/\s/g, ''), 'hex').equals(secret)).toBe(true);
  });

  test('do not begin where the upper halves of addresses differ by more than one', () => {
    const text = rows((at, part) => `${hex(0x10000000 + at, 8)}${hex(at, 8)}  ${pairs(part)}`);
    expect(readingsOf(readListings, text)).toEqual([]);
  });

  test('do not begin where addresses do not count up', () => {
    const text = rows((at, part) => `${hex(0x9000 - at, 8)}  ${pairs(part)}`);
    expect(readingsOf(readListings, text)).toEqual([]);
  });

  test('have characters in cells', () => {
    const cell = (byte: number): string =>
      byte < 0x80 ? `   ${String.fromCharCode(byte)}` : ` ${byte.toString(8)}`;
    const text = rows((at, part) => `${at.toString(8).padStart(7, '0')}${[...part].map(cell).join('')}`);
    expect(readingsOf(readCells, text)[0]?.bytes.toString()).toContain(secret.toString());
  });
});

test.each([
  ['listings', listingsIn],
  ['lines of uuencode', uuencodeIn],
] as const)('%s: nothing is read behind a part of a text', (_, find) => {
  // Without an end of a line: of none is a part searched for, but in it.
  const text = Buffer.alloc(2 ** 26, 'x');
  const started = performance.now();
  for (let at = 0; at < 1_000; at++) find(text, 16 * at, 16 * at + 16, () => undefined);
  // To the end of the text each time: 64 GB.
  expect(performance.now() - started).toBeLessThan(1_000);
});

test.each([
  ['listings', readListings, '00000000: 41\n'],
  ['listings that count up', readListings, ''],
  ['cells', readCells, ''],
  ['lists', readLists, '1,'],
  ['words', readLists, '0x1 '],
  ['base32', readBase32, 'A'],
  ['base32 in two cases', readBase32, 'AAAAAAAAAAAAAAAAAAAAaaaaaaaaaaaaaaaaaaaa'],
  ['ascii85', readAscii85, '!"#$%&z'],
  ['uuencode', readUuencode, '!!!!!\n'],
  ['lines of uuencode', readUuencode, `M${'A'.repeat(60)}\n`],
])('%s: reading takes time that grows with the text', async (_name, decode, piece) => {
  const lines = (times: number): string =>
    Array.from({ length: times }, (_, row) => `${(16 * row).toString(16).padStart(8, '0')}   a   b\n`).join(
      '',
    );
  const reading = (times: number) => {
    const text = piece === '' ? lines(times) : piece.repeat(times);
    return () => void readingsOf(decode, text);
  };
  expect(await isLinear(reading, 2_000)).toBe(true);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { collect } from '../../hostile/collect.js';
import { rsaFrom } from '../../search/seeded.js';
import { withTempDir } from '../../support/folder.js';
import { filledCopyOf } from './made-fill.js';

/** Writes an integer in memory. */
type Form = (value: bigint) => Buffer;

/** Digits of `bits` bits, the least significant first, each written by `write` into `bytes` bytes. */
const digits =
  (bits: number, bytes: number, write: (cell: Buffer, digit: bigint) => unknown): Form =>
  (value) => {
    const cells: Buffer[] = [];
    for (let rest = value; rest > 0n; rest >>= BigInt(bits)) {
      const cell = Buffer.alloc(bytes);
      write(cell, rest % 2n ** BigInt(bits));
      cells.push(cell);
    }
    return Buffer.concat(cells);
  };

/** The octets of a digit, the least significant first. */
const octets = (cell: Buffer, digit: bigint): Buffer => {
  for (const at of cell.keys()) cell[at] = Number((digit >> BigInt(8 * at)) % 256n);
  return cell;
};

const plain = (bits: number, bytes: number): Form => digits(bits, bytes, octets);
const bigEndian = (bytes: number): Form =>
  digits(8 * bytes, bytes, (cell, digit) => octets(cell, digit).reverse());
const smi = (bits: number): Form => digits(bits, 8, (cell, digit) => octets(cell.subarray(4), digit));
const compressed = (bits: number): Form => digits(bits, 4, (cell, digit) => octets(cell, 2n * digit));
const double = (bits: number): Form => digits(bits, 8, (cell, digit) => cell.writeDoubleLE(Number(digit)));
const tagged = (bits: number): Form =>
  digits(bits, 8, (cell, digit) => octets(cell, 0xfffe_0000_0000_0000n + digit));

/** Cells of `bytes` bytes in reverse order. */
const backwards =
  (bytes: number, form: Form): Form =>
  (value) => {
    const stored = form(value);
    const ends = Array.from({ length: stored.length / bytes }, (_, index) => stored.length - index * bytes);
    return Buffer.concat(ends.map((end) => stored.subarray(end - bytes, end)));
  };

/** Each form, and the name by which a scan reports copies; forms without a name are only filled. */
const FORMS: readonly { form: string; write: Form; copies?: string }[] = [
  { form: 'octets, most significant first', write: backwards(1, plain(8, 1)), copies: 'bytes-be' },
  { form: 'octets, least significant first', write: plain(8, 1), copies: 'limbs-le' },
  {
    form: 'words of 32 bits, most significant first',
    write: backwards(4, plain(32, 4)),
    copies: 'int32-msw',
  },
  { form: 'words of 64 bits, most significant first', write: backwards(8, plain(64, 8)) },
  { form: 'words of 32 bits, each big-endian', write: bigEndian(4), copies: 'limbs-be-hprof' },
  { form: 'words of 64 bits, each big-endian', write: bigEndian(8), copies: 'limbs-be-hprof' },
  { form: '15 bits in 2 bytes', write: plain(15, 2), copies: 'digits15-le16' },
  { form: '26 bits in 4 bytes', write: plain(26, 4) },
  { form: '28 bits in 4 bytes', write: plain(28, 4), copies: 'digits28-le32' },
  { form: '29 bits in 4 bytes', write: plain(29, 4) },
  { form: '30 bits in 4 bytes', write: plain(30, 4), copies: 'digits30-le32' },
  { form: '31 bits in 4 bytes', write: plain(31, 4), copies: 'digits31-le32' },
  ...[51, 52, 56, 57, 58, 59].map((bits) => ({ form: `${bits} bits in 8 bytes`, write: plain(bits, 8) })),
  { form: '60 bits in 8 bytes', write: plain(60, 8), copies: 'digits60-le64' },
  ...[61, 62].map((bits) => ({ form: `${bits} bits in 8 bytes`, write: plain(bits, 8) })),
  { form: '63 bits in 8 bytes', write: plain(63, 8), copies: 'digits63-le64' },
  ...[26, 28].flatMap((bits) => [
    { form: `${bits} bits, small integers of V8`, write: smi(bits), copies: `v8-smi${bits}` },
    { form: `${bits} bits, compressed pointers of V8`, write: compressed(bits), copies: `v8-smi${bits}c` },
    { form: `${bits} bits in doubles`, write: double(bits), copies: `v8-double${bits}` },
    { form: `${bits} bits, integers of JavaScriptCore`, write: tagged(bits), copies: `jsc-int${bits}` },
  ]),
];

/** A part of a number that bears at least 64 bits in every form. */
const PART = { from: 24, to: 48 };
/** The words that fills are searched in have four alignments. */
const ALIGNMENTS = [0, 1, 2, 3];

/** Bytes in the dump. */
interface Planted {
  offset: number;
  bytes: Buffer;
}

describe('a prime of a proven key is found and filled, whole and in part', () => {
  const key = rsaFrom('number forms', 1024);
  const prime = BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).p!, 'base64url').toString('hex')}`);
  const random = new SeededRandom('number forms');
  const pieces: Buffer[] = [key.export({ format: 'der', type: 'pkcs8' }) as Buffer];
  const plant = (bytes: Buffer, alignment: number): Planted => {
    const { length } = Buffer.concat(pieces);
    const offset = length + 48 - (length % 4) + alignment;
    pieces.push(Buffer.from(random.bytes(offset - length)), bytes);
    return { offset, bytes };
  };
  const planted = new Map<string, Planted[]>();
  for (const { form, write } of FORMS) {
    const whole = write(prime);
    const part = whole.subarray(PART.from, PART.to);
    planted.set(form, [plant(whole, 0), ...ALIGNMENTS.map((alignment) => plant(part, alignment))]);
  }
  const dump = Buffer.concat([...pieces, Buffer.from(random.bytes(64))]);

  const reported = new Map<number, string | undefined>();
  let copy = new Uint8Array(0);
  beforeAll(async () => {
    const { findings } = await withTempDir((folder) => {
      writeFileSync(join(folder, 'dump'), dump);
      return collect({ paths: [join(folder, 'dump')], jobs: 1 });
    });
    for (const { occurrences } of findings)
      for (const { offset, encoding } of occurrences) reported.set(offset, encoding);
    const made = await filledCopyOf(dump);
    expect([made.exit, made.findings]).toEqual([0, 0]);
    copy = Uint8Array.from(made.copy);
  });

  test.each(FORMS)('$form', ({ form, copies }) => {
    const all = planted.get(form)!;
    expect(reported.get(all[0]!.offset)).toBe(copies);
    for (const { offset, bytes } of all) {
      expect(dump.subarray(offset, offset + bytes.length)).toEqual(bytes);
      const left = copy.subarray(offset, offset + bytes.length);
      expect(left).toEqual(new Uint8Array(bytes.length));
    }
  });
});

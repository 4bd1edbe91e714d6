import { toBigint } from '../base/bytes/integers.js';
import { ENCODINGS } from '../encodings/encodings.js';
import { writePartialWords } from '../encodings/partial-words.js';
import type { Component } from '../model/key-material.js';
import { derivedStreams, withBothInverses } from './derived-values.js';
import type { KnownForm } from './known-form.js';
import type { KnownValue } from './known-table.js';
import { BYTE_STRINGS, componentStreams } from './needles.js';

/** A part with fewer distinct bytes is no secret: zeros, small numbers, padding. */
const LEAST_DISTINCT = 5;

const binary = (...bits: number[]): KnownForm => ({ bits, least: 64, distinct: LEAST_DISTINCT, text: false });
const text = (bits: number): KnownForm => ({ bits: [bits], least: 96, distinct: LEAST_DISTINCT, text: true });

/** Digits of `width` bits, little-endian in `stride` bytes, from bit `shift` of byte `first` on. */
function digits(width: number, stride: number, { first = 0, shift = 0 } = {}): KnownForm {
  const bits = Array.from({ length: stride }, (_, at) => {
    const low = Math.max(0, 8 * (at - first) - shift);
    const high = Math.min(width, 8 * (at - first + 1) - shift);
    return Math.max(0, high - low);
  });
  return binary(...bits);
}

/**
 * A number in a double has its first bit in the exponent and the others at the top of the fraction: half of
 * byte 6, then bytes 5 to 3.
 */
const inDouble = (width: number): KnownForm => binary(0, 0, 0, width - 21, 8, 8, 4, 1);

/** By the names of base/encodings. Decimal: 29 digits are 96 bits. */
const BY_NAME: Readonly<Record<string, KnownForm>> = {
  'bytes-be': binary(8),
  'limbs-le': binary(8),
  'int32-msw': binary(8),
  'limbs-be-hprof': binary(8),
  'digits30-le32': digits(30, 4),
  'digits60-le64': digits(60, 8),
  'digits63-le64': digits(63, 8),
  'digits28-le32': digits(28, 4),
  'v8-smi28': digits(28, 8, { first: 4 }),
  'v8-smi26': digits(26, 8, { first: 4 }),
  'v8-smi28c': digits(28, 4, { shift: 1 }),
  'v8-smi26c': digits(26, 4, { shift: 1 }),
  'v8-double28': inDouble(28),
  'v8-double26': inDouble(26),
  'jsc-int28': digits(28, 8),
  'jsc-int26': digits(26, 8),
  'digits15-le16': digits(15, 2),
  'digits31-le32': digits(31, 4),
  base64: text(6),
  base64url: text(6),
  hex: text(4),
  decimal: text(96 / 29 + 1e-9),
  /** A key that is text itself. */
  printable: text(6),
};

/**
 * Forms that the search for copies leaves out: no library keeps a whole key so for long, but parts of one
 * are left on stacks. Limbs of 51, 52 and 56 bits (Curve25519, multiplication by AVX-512, Curve448), of 57 to
 * 62 bits (tagged words of language runtimes, libraries with spare bits for carries), and of 26 and 29 bits.
 */
const FURTHER: readonly { width: number; stride: 4 | 8 }[] = [
  { width: 51, stride: 8 },
  { width: 52, stride: 8 },
  { width: 56, stride: 8 },
  { width: 57, stride: 8 },
  { width: 58, stride: 8 },
  { width: 59, stride: 8 },
  { width: 61, stride: 8 },
  { width: 62, stride: 8 },
  { width: 26, stride: 4 },
  { width: 29, stride: 4 },
];

/** All forms; a stream names one by its index. */
export const FORMS: readonly KnownForm[] = [
  ...Object.values(BY_NAME),
  ...FURTHER.map(({ width, stride }) => digits(width, stride)),
];
const INDEX = new Map(Object.keys(BY_NAME).map((name, index) => [name, index]));
const FIRST_FURTHER = INDEX.size;
const BYTES = INDEX.get('bytes-be')!;
const PRINTABLE = INDEX.get('printable')!;

/** Shorter values have no window that is theirs alone. */
const SHORTEST = 16;

const isPrintable = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);

/** Words of 64 bits, most significant first, each little-endian. */
function swappedWords(value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.alloc((8 - (value.length % 8)) % 8), value]).swap64();
}

/**
 * The private components of a key, and what libraries derive from them, in every encoding. Components that
 * are text (secrets of tokens) are text: 8 characters of one may be a word.
 */
export function* windowStreams(components: readonly Component[]): Generator<KnownValue> {
  const key = { components: withBothInverses(components) };
  for (const streams of [componentStreams([key]), derivedStreams([key])])
    for (const { component, form, wide, encoded } of streams) {
      if (wide) continue;
      const bytes = encoded.reveal();
      const index = INDEX.get(form.name)!;
      const isText = index === BYTES && BYTE_STRINGS.has(component) && isPrintable(bytes);
      yield { bytes, form: isText ? PRINTABLE : index };
    }
  for (const { name, value } of key.components)
    if (!BYTE_STRINGS.has(name) && value.length >= SHORTEST) yield* furtherForms(value.reveal());
}

/** Text of little-endian bytes: the search for copies has only that of big-endian ones. */
const REVERSIBLE = ENCODINGS.filter(({ reversible }) => reversible);

function* furtherForms(value: Uint8Array): Generator<KnownValue> {
  yield { bytes: swappedWords(value), form: BYTES };
  const littleEndian = Uint8Array.from(value).reverse();
  for (const { name, encode } of REVERSIBLE)
    for (const { bytes } of encode(littleEndian)) yield { bytes, form: INDEX.get(name)! };
  const number = toBigint(value);
  for (const [index, { width, stride }] of FURTHER.entries()) {
    const write = (place: Buffer, at: number, digit: bigint) =>
      stride === 8 ? place.writeBigUInt64LE(digit, at) : place.writeUInt32LE(Number(digit), at);
    const bytes = writePartialWords(number, { bits: width, stride, write });
    yield { bytes, form: FIRST_FURTHER + index };
  }
}

import { SeededRandom } from '../../../fixtures/random.js';
import fc from '../../support/property.js';
import { READINGS, SMALL_PRIMES, USUAL } from './naive-windows.js';

const PRODUCT = SMALL_PRIMES.reduce((product, p) => product * BigInt(p), 1n);

const u64 = (value: number | bigint) => {
  const word = Buffer.alloc(8);
  word.writeBigUInt64LE(BigInt(value));
  return word;
};
const u32s = (lower: number, upper: number) => {
  const word = Buffer.alloc(8);
  word.writeUInt32LE(lower);
  word.writeUInt32LE(upper, 4);
  return word;
};

/** Words that may precede a number of `length` bytes. */
const HEADERS: Readonly<Record<string, (length: number, random: SeededRandom) => Buffer>> = {
  none: () => Buffer.alloc(0),
  zeros: () => Buffer.alloc(16),
  pointer: (_, random) => u64(0x7f12_0000_0000n + BigInt(random.below(2 ** 24)) * 16n),
  ones: () => Buffer.alloc(8, 0xff),
  bytes: (length) => u64(length),
  integers: (length) => u64(Math.ceil(length / 4)),
  limbs: (length) => u64(Math.ceil(length / 8)),
  'length of an array': (length) => u32s(0x10bf8, Math.ceil(length / 4)),
  'length of an array, and padding': (length) => u32s(Math.ceil(length / 4), 0),
  'length behind noise': (length, random) => u32s(random.bytes(4).readUInt32LE(), length),
  'bytes of CPython': (length) => Buffer.concat([u64(length), Buffer.alloc(8, 0xff)]),
  'bytes of CPython with their hash': (length, random) => Buffer.concat([u64(length), random.bytes(8)]),
  chunk: (length, random) => {
    const flags = [0, 1, 4, 5, 2, 8][random.below(6)]!;
    const more = [0, 8, 16, Math.floor(length / 4) + 48, Math.floor(length / 4) + 64][random.below(5)]!;
    return u64(((length + 8 + more) & ~15) | flags);
  },
};

/** Words that may follow one. */
const BEHIND: Readonly<Record<string, (random: SeededRandom) => Buffer>> = {
  none: () => Buffer.alloc(0),
  zeros: () => Buffer.alloc(24),
  small: () => u64(0x123456),
  pointer: (random) => u64(0x7f12_0000_0000n + BigInt(random.below(2 ** 24)) * 16n),
  grey: (random) => Buffer.from(random.bytes(8).map((byte) => byte & 0x7f)),
  noise: (random) => random.bytes(8),
};

/**
 * An odd number of `bits` bits without a small factor, or with this one only. `spoil` changes its bytes
 * first.
 */
function numberOf(
  bits: number,
  factor: number,
  random: SeededRandom,
  spoil: (bigEndian: Buffer) => void,
): bigint {
  const bytes = random.bytes(Math.ceil(bits / 8));
  spoil(bytes);
  const top = 1n << BigInt(bits - 1);
  const value = BigInt.asUintN(bits - 1, BigInt(`0x${bytes.toString('hex')}`)) | top;
  let cofactor = (value / BigInt(factor)) | 1n;
  while (cofactor * BigInt(factor) < top || gcd(cofactor, PRODUCT) !== 1n) cofactor += 2n;
  return cofactor * BigInt(factor);
}

function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}

/** The most frequent bytes and pairs of bytes of machine code, so that some numbers score just too high. */
function likeCode(bytes: Buffer, random: SeededRandom): void {
  const places = random.below(1 + Math.floor(2.5 * Math.sqrt(bytes.length)));
  const often = [Buffer.of(0x48), Buffer.of(0xff, 0xff), Buffer.of(0x48, 0x8b), Buffer.of(0x0f, 0x1f)];
  const code = often[random.below(often.length)]!;
  for (let i = 0; i < places; i++) code.copy(bytes, 1 + random.below(bytes.length - 1));
}

/** Two words side by side that the net does not take for random. */
function torn(bytes: Buffer, random: SeededRandom): void {
  const at = (1 + random.below(Math.max(1, bytes.length / 8 - 3))) * 8;
  for (let i = at; i < Math.min(at + 16, bytes.length - 8); i++) bytes[i]! |= 0x80;
}

/** A zero byte: the lowest or the highest but for one, or any in the midst. */
function holed(bytes: Buffer, random: SeededRandom): void {
  const at = [bytes.length - 2, bytes.length - 8, 8, 1, 1 + random.below(bytes.length - 2)][random.below(5)]!;
  bytes[at] = 0;
}

/** A zero byte where octets fill their last word but for what is behind it. */
function endedEarly(bytes: Buffer): void {
  bytes[(bytes.length & ~7) - 1] = 0;
}

const SPOILS: Readonly<Record<string, (bytes: Buffer, random: SeededRandom) => void>> = {
  none: () => {},
  likeCode,
  torn,
  holed,
  endedEarly,
};

const keysOf = (table: object) => Object.keys(table);

/** Numbers of whole words, of whole bytes, and of any length. */
const bits = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...USUAL).map((words) => words * 64) },
  { weight: 2, arbitrary: fc.integer({ min: 58, max: 264 }).map((bytes) => bytes * 8) },
  { weight: 1, arbitrary: fc.integer({ min: 470, max: 4200 }) },
  { weight: 1, arbitrary: fc.constantFrom(16_383, 16_376, 16_320, 16_312, 16_385, 16_392, 16_448) },
);

/** Words of noise around a number: up to a long run, or one in two parts. */
const beside = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0, 0, 1, 2, 3, 5) },
  { weight: 1, arbitrary: fc.constantFrom(100, 600, 1030) },
);

const fields = {
  seed: fc.nat(),
  bits,
  reading: fc.constantFrom(0, 1, 2),
  factor: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constantFrom(...SMALL_PRIMES) },
  ),
  spoil: fc.constantFrom(...keysOf(SPOILS)),
  header: fc.constantFrom(...keysOf(HEADERS)),
  behind: fc.constantFrom(...keysOf(BEHIND)),
  signed: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  ahead: beside,
  after: beside,
  zeros: fc.constantFrom([64, 64], [64, 64], [0, 64], [8, 0], [3000, 0], [64, 3000]),
};
/** Behind the length of an array, which 32-bit integers require. */
const array = {
  ...fields,
  reading: fc.constant(2),
  factor: fc.constant(1),
  signed: fc.constant(0),
  header: fc.constantFrom('length of an array', 'length of an array, and padding', 'integers'),
};
/** Behind a length in the midst of a run: 384 is the only one of which no byte is zero. */
const within = {
  ...fields,
  bits: fc.constant(48 * 64),
  spoil: fc.constant('none'),
  header: fc.constant('length behind noise'),
  signed: fc.constant(0),
  ahead: fc.constantFrom(2, 3, 5),
  after: fc.constantFrom(2, 3, 5),
};

/** Memory with one number in it. */
export const planted = fc
  .oneof(
    { weight: 16, arbitrary: fc.record(fields) },
    { weight: 4, arbitrary: fc.record(array) },
    { weight: 1, arbitrary: fc.record(within) },
  )
  .map(({ seed, bits, reading, factor, spoil, header, behind, signed, ahead, after, zeros }) => {
    const random = new SeededRandom(`planted ${seed}`);
    const value = numberOf(bits, factor, random, (bytes) => SPOILS[spoil]!(bytes, random));
    const unit = [8, 1, 4][reading]!;
    // One integer or limb more is zero: no number is written so.
    const spare = unit > 1 && seed % 16 === 0 ? unit : 0;
    const length = Math.ceil(bits / 8 / unit) * unit + spare;
    // Each reading is its own inverse.
    const number = READINGS[reading]!(Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex'));
    const written = Buffer.concat([Buffer.alloc(signed), number]);
    const data = Buffer.concat([
      Buffer.alloc(zeros[0]!),
      random.bytes(ahead * 8),
      HEADERS[header]!(length, random),
      written,
      Buffer.alloc(-written.length & 7),
      BEHIND[behind]!(random),
      random.bytes(after * 8),
      Buffer.alloc(zeros[1]!),
    ]);
    // Where nothing follows, maybe no padding either.
    const end = data.findLastIndex((byte) => byte !== 0) + 1;
    return zeros[1] === 0 && seed % 2 === 0 ? data.subarray(0, end) : data;
  });

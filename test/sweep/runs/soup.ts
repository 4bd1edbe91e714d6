import { randomBytes } from 'node:crypto';
import fc from '../../support/property.js';

/**
 * Pieces of memory: noise, headers, text, digits of several widths, points, numbers of 521 bits, near noise.
 */
const PARTS: Readonly<Record<string, (words: number) => Buffer>> = {
  noise: (words) => randomBytes(words * 8),
  quiet: () => Buffer.from('4100000000000000', 'hex'),
  zeros: (words) => Buffer.alloc(words * 8),
  text: (words) => Buffer.alloc(words * 8, 'the quick brown fox jumps over'),
  grey: () => masked(1, 8, 7),
  twoZeros: (words) => holed(words),
  zeroFirst: () => Buffer.concat([Buffer.alloc(1), randomBytes(7)]),
  digits30: (words) => masked(words, 4, 6),
  digits28: (words) => masked(words, 4, 4),
  digits60: (words) => masked(words, 8, 4),
  compressed28: (words) => even(masked(words, 4, 3)),
  compressed26: (words) => even(masked(words, 4, 5)),
  digits63: (words) => masked(words, 8, 1),
  scalar30: (words) => scalar(words, 4, 30),
  scalar28: (words) => scalar(words, 4, 28),
  compressed: (words) => doubled(scalar(words, 4, 28)),
  scalar60: (words) => scalar(words, 8, 60),
  point: (words) => {
    const [size, lead] = [[32, 40, 48, 64, 66][words % 5]!, words % 9];
    const halves = [randomBytes(size), randomBytes(size)];
    if (size === 66) for (const half of halves) half[0] = 1;
    const ahead = [0, 8, 3, 2 * size + 1, 0x77][words % 7] ?? 0;
    const bytes = Buffer.concat([randomBytes(lead), Buffer.of(ahead, 4), ...halves]);
    return Buffer.concat([bytes, randomBytes((8 - (bytes.length % 8)) % 8)]);
  },
  array: (words) => {
    const integers = [8, 10, 12, 16, 17][words % 5]!;
    const header = Buffer.from('f80b0100000000000000000000000000', 'hex').subarray(words % 7 ? 0 : 8);
    header.writeUInt32LE(integers, header.length - (words % 2 ? 4 : 8));
    const number = randomBytes(Math.ceil(integers / 2) * 8);
    if (integers === 17) number.writeUInt32LE(0x1a5, 0);
    return Buffer.concat([header, number]);
  },
  bytes: (words) => {
    const length = Buffer.alloc(8, 0);
    length[0] = [32, 48, 64, 66, 40, 56][words % 6]!;
    const hash = words % 2 ? Buffer.alloc(8, 0xff) : randomBytes(8);
    return Buffer.concat([length, hash, randomBytes(words % 3 ? length[0]! & ~7 : 72)]);
  },
  /** An array of octets behind its 32-bit length, at a multiple of 4, and a possible 32-bit pointer. */
  counted: (words) => {
    const size = [32, 48, 64, 56][words % 4]!;
    const header = Buffer.from(words % 5 ? 'ad09000020000000' : 'ad09320120000000', 'hex');
    header.writeUInt32LE(words % 7 ? size : size + 8, 4);
    const bytes = Buffer.concat([Buffer.alloc(words % 2 ? 4 : 12), header, randomBytes(size)]);
    const behind = Buffer.from(words % 3 ? 'dd130301e5070000' : 'dd1303010000000000000000', 'hex');
    return Buffer.concat([bytes, behind, Buffer.alloc(-(bytes.length + behind.length) & 7)]);
  },
  repeated: (words) => {
    const number = randomBytes(32);
    return Buffer.concat([
      Buffer.alloc(words % 9),
      number,
      randomBytes(32),
      number,
      Buffer.alloc(24 - (words % 9)),
    ]);
  },
  alone: (words) => {
    const number = randomBytes([40, 64, 80, 128][words % 4]!);
    return Buffer.concat([Buffer.from([0x51, 0, 0, 0, 0, 0, 0, words]), number, Buffer.alloc(8)]);
  },
  anyByte: (words) => {
    const [ahead, beside] = [words % 8, [0, 2, 0x1234, 0x123456][words % 4]!];
    const frame = Buffer.alloc(8);
    frame.writeUInt32LE(beside);
    const number = randomBytes(words % 3 ? 32 : 48);
    const parts = words % 5 ? [frame.reverse(), number, Buffer.alloc(8)] : [Buffer.alloc(8), number, frame];
    return Buffer.concat([Buffer.alloc(ahead), ...parts, Buffer.alloc(8 - ahead)]);
  },
  ones: () => Buffer.alloc(8, 0xff),
  three: () => Buffer.concat([Buffer.alloc(8), randomBytes(96), Buffer.alloc(8)]),
  long: (words) => {
    const bytes = randomBytes(72);
    if (words % 3 === 0) bytes.writeUInt32LE(1, 64);
    if (words % 3 === 0) bytes.writeUInt32LE(0, 68);
    if (words % 3 === 1) bytes.writeUInt16BE(0x1ff, 0);
    if (words % 3 === 2) bytes.writeUInt32LE(0x100, 0);
    return bytes;
  },
};

/** Random words with the top `bits` of each `stride` bytes zero. */
function masked(words: number, stride: number, bits: number): Buffer {
  const bytes = randomBytes(words * 8);
  for (let at = stride - 1; at < bytes.length; at += stride) bytes[at]! &= 0xff >> bits;
  return bytes;
}

/** A random word with two zero bytes. */
function holed(seed: number): Buffer {
  const bytes = randomBytes(8);
  bytes[seed % 8] = 0;
  bytes[(seed + 1 + (seed % 3)) % 8] = 0;
  return bytes;
}

/** Twice some integer in each 4 bytes. */
function even(bytes: Buffer): Buffer {
  for (let at = 0; at < bytes.length; at += 4) bytes[at]! &= 0xfe;
  return bytes;
}

/** Twice each integer of a number, behind its header. */
function doubled(number: Buffer): Buffer {
  for (let at = 8; at + 4 <= number.length; at += 4) number.writeUInt32LE(number.readUInt32LE(at) * 2, at);
  return number;
}

/** A header, and a number of a curve's size in digits, the last with the remaining bits or one too many. */
function scalar(words: number, stride: number, bits: number): Buffer {
  const total = [256, 320, 384, 512, 521][words % 5]!;
  const count = Math.ceil(total / bits);
  const digits = masked(count + 2, 8, 0).subarray(0, count * stride);
  for (let at = stride - 1; at < digits.length; at += stride) digits[at]! &= bits === 30 ? 0x3f : 0x0f;
  const rest = BigInt(total - (count - 1) * bits + (words % 7 === 0 ? 1 : 0));
  const last = digits.subarray(-stride);
  const top = (words % 11 === 0 ? 0n : 1n << (rest - 1n)) | (BigInt(words) & 0xffn);
  if (stride === 4) last.writeUInt32LE(Number(top));
  else last.writeBigUInt64LE(top);
  return Buffer.concat([
    Buffer.from([words % 2 ? 9 : 17, 0, 0, 0, 0, 0, 0, 0]),
    digits,
    Buffer.alloc((8 - (digits.length % 8)) % 8),
  ]);
}

/** Memory made of such stretches. */
export const soup = fc
  .array(fc.tuple(fc.constantFrom(...Object.keys(PARTS)), fc.integer({ min: 1, max: 40 })), { maxLength: 60 })
  .map((parts) => Buffer.concat(parts.map(([name, words]) => PARTS[name]!(words))));

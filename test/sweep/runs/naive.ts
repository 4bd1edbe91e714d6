import { digitsLookRandom, looksRandom, zeroBytes } from '../../../src/search/core/randomness-test.js';
import type { Run } from '../../../src/search/core/types.js';
import { FITTED } from '../../../src/sweep/runs/records.js';
import type { Extracted } from './extracted.js';
import { isArray, isFitted, isGrey, isQuiet, partsOf } from './naive-words.js';

/**
 * What the extractor keeps of a run, but for its RSA windows: word by word, from the rules, with nothing
 * summed or skipped. The run has at most 1,024 words.
 */
export function naive(data: Buffer, { offset, words }: Run): Extracted[] {
  const found: Extracted[] = [];
  // Bytes behind the data are zero and no part of it.
  const bytes = Buffer.concat([data, Buffer.alloc(256)]);
  const fits = (at: number, length: number) => at >= 0 && at + length <= data.length;
  const random = (at: number, length: number) => fits(at, length) && looksRandom(bytes, at, length);
  const keep = (kind: Extracted['kind'], at: number, detail: number, size: number, value = Buffer.alloc(0)) =>
    found.push({ kind, offset: at, detail, size, value: value.toString('hex') });
  const end = offset + words * 8;
  const quiet = (at: number) => isQuiet(bytes, at);
  const grey = (at: number) => isGrey(bytes, at);
  const hasArray = (at: number, integers: number) => isArray(bytes, at, integers);
  const fitted = (at: number, length: number) => isFitted(bytes, at, length);
  const words32 = (at: number, count = 8) =>
    Array.from({ length: count }, (_, i) => bytes.readUInt32LE(at + i * 4));
  if (partsOf(data, { offset, words }).length === 0) return [];
  digits();
  scalars();
  points();
  return found;

  /** Where the run begins, and wherever else in the part that is looked at a number may begin. */
  function scalars(): void {
    const part = words <= 1024 ? words : 512;
    for (let i = 0; i === 0 || i <= part - 3; i++)
      if (i === 0 || leads(offset + i * 8)) first(offset + i * 8, part - i);
    for (const size of [32, 48]) if (Math.abs(part * 8 - size + 4) <= 12) filled(size);
    for (const size of [32, 48, 64]) if (Math.abs(part * 8 - size + 4) <= 12) counted(size);
    if (part < 9 || part > 96) return;
    for (let at = Math.max(0, offset - 15); at + 96 <= Math.min(data.length, end + 15); at++)
      if (bytes.compare(bytes, at, at + 32, at + 64, at + 96) === 0 && random(at, 32) && random(at + 32, 32))
        keep('number', at + 32, 11, 32, bytes.subarray(at + 32, at + 64));
  }

  /**
   * Unaligned numbers between zeros: adjacent to them on one side, on the other side up to some bytes away.
   */
  function filled(size: number): void {
    for (let at = offset - 7; at <= offset + 7; at++) {
      if ((at - offset) % 8 === 0 || !fits(at - 8, size + 16)) continue;
      const begins = bytes.readUInt16LE(at - 2) === 0 && bytes[at] !== 0;
      const ends = bytes.readUInt16LE(at + size) === 0 && bytes[at + size - 1] !== 0;
      const framed = [at - 8, at + size].every((beside) => zeroBytes(bytes, beside) >= 5);
      if (framed && (begins || ends) && random(at, size))
        keep('number', at, 1, size, bytes.subarray(at, at + size));
    }
  }

  /** Numbers half a word before or behind the run's first byte, behind their number of octets. */
  function counted(size: number): void {
    for (const at of [offset - 4, offset + 4]) {
      if (offset < 12 || !fits(at, size)) continue;
      const header = bytes.readUInt16LE(at - 6) === 0 && bytes.readUInt32LE(at - 4) === size;
      if (header && random(at, size)) keep('number', at, FITTED | 3, size, bytes.subarray(at, at + size));
    }
  }

  /**
   * A number may begin here: behind a word with zero bytes, one of all ones, or any word behind the number's
   * length.
   */
  function leads(at: number): boolean {
    if (at < 8 || quiet(at - 8) || bytes.readBigUInt64LE(at - 8) === 2n ** 64n - 1n) return true;
    return lengthAhead(at);
  }

  function lengthAhead(at: number): boolean {
    return at >= 16 && [32n, 40n, 48n, 64n, 66n].includes(bytes.readBigUInt64LE(at - 16));
  }

  function first(offset: number, words: number): void {
    const small = (at: number) => at < 8 || !quiet(at - 8) || zeroBytes(bytes, at - 8) >= 5;
    const flags = (at: number) => (leads(at) ? 1 | (small(at) && words <= 16 ? 2 : 0) : 0);
    const most = Math.min(data.length, offset + words * 8 + 8);
    const ends = (at: number) => at + 8 > data.length || quiet(at);
    const digits = (at: number) => {
      const tops = words32(at).map((word) => word >>> 28);
      return tops.every((top) => top < 4) || tops.every((top, i) => i % 2 === 0 || top === 0);
    };
    for (const size of [32, 48]) {
      for (const from of offset >= 8 && grey(offset - 8) ? [offset - 8, offset] : [offset]) {
        if (words > 13 && !leads(from)) continue;
        const three = size === 32 && from + 96 <= most && !ends(from + 64) && ends(from + 96);
        const seeds = size === 32 && leads(from) && (three || ends(from + 64));
        for (const at of [from, from + size, ...(seeds && three ? [from + 64] : [])]) {
          if (at + size > most || !random(at, size)) continue;
          if (from < offset && at > from && !seeds) continue;
          const fits = (at === from || seeds) && leads(from) && fitted(from, size) ? FITTED | 2 : 0;
          const scalar = at === from || seeds ? flags(from) | fits : 0;
          const detail = at > from ? scalar : digits(at) ? scalar & 1 : scalar;
          const array = at === from && hasArray(at, size / 4) ? 4 : 0;
          keep('number', at, detail | array, size, bytes.subarray(at, at + size));
        }
      }
    }
    for (const size of [40, 64])
      for (const from of offset >= 8 && grey(offset - 8) ? [offset - 8, offset] : [offset]) {
        const ended = from < 8 || bytes[from - 1]! <= 11 || bytes[from - 1]! === 255;
        if (!(leads(from) && ended) && !lengthAhead(from)) continue;
        const behind = offset + words * 8;
        const most = behind + 8 <= data.length && grey(behind) ? behind + 8 : Math.min(data.length, behind);
        if (from + size > most) continue;
        const two = !ends(from + size);
        if (two && (from + 2 * size > most || !ends(from + 2 * size))) continue;
        const fits = fitted(from, size) ? FITTED | 2 : 0;
        const detail = (digits(from) ? 1 : flags(from) | fits) | (hasArray(from, size / 4) ? 4 : 0);
        if (random(from, size)) keep('number', from, detail, size, bytes.subarray(from, from + size));
        const next = from + size;
        if (two && random(next, size)) keep('number', next, 0, size, bytes.subarray(next, next + size));
      }
    for (const start of offset >= 8 && grey(offset - 8) ? [offset - 8, offset] : [offset])
      if (leads(start)) curveDigits(start, flags(start));
    for (const at of words < 6 ? [] : [offset - 8, offset]) {
      if (!fits(at, 72)) continue;
      const scalar = flags(at);
      const pad = (value: Buffer) => Buffer.concat([value, Buffer.alloc(72 - value.length)]);
      const ints = Buffer.from(bytes.subarray(at, at + 68));
      const readings = [
        { value: bytes.subarray(at, at + 72), random: random(at, 64) },
        { value: pad(Buffer.from(bytes.subarray(at, at + 66)).reverse()), random: random(at + 2, 64) },
        { value: pad(ints.swap32().reverse()), random: random(at + 4, 64) },
      ];
      for (const [i, { value, random }] of readings.entries())
        if (i === 2 && !hasArray(at, 17)) continue;
        else if (random && value.readUInt32LE(64) < 512 && value.readUInt32LE(68) === 0)
          keep(
            'long',
            at,
            scalar | (scalar && fitted(at, [72, 66, 68][i]!) ? FITTED | 2 : 0) | (i << 2),
            72,
            value,
          );
    }
  }

  /** Numbers of a curve's size in digits, as little-endian words. */
  function curveDigits(at: number, flags: number): void {
    for (const { reading, bits, stride, slack } of CURVE_DIGITS)
      for (const [total, size] of [
        [256, 32],
        [320, 40],
        [384, 48],
        [512, 64],
        [521, 72],
      ] as const) {
        const short = total === 512 && bits === 30 && (hasArray(at, 17) || hasArray(at, 136));
        const count = Math.ceil(total / bits) - (short ? 1 : 0);
        const window = size < 48 ? 32 : 48;
        if (!fits(at, count * stride) || !digitsLookRandom(bytes, at, window, slack * (window / 8))) continue;
        const digit = (i: number) =>
          stride === 4 ? BigInt(bytes.readUInt32LE(at + i * 4)) : bytes.readBigUInt64LE(at + i * 8);
        const digits = Array.from({ length: count }, (_, i) => digit(i));
        if (digits.some((value) => value >> BigInt(bits) > 0n)) continue;
        const value = digits.reduceRight((sum, value) => (sum << BigInt(bits)) | value, 0n);
        if (value >> BigInt(total) > 0n || digits.at(-1) === 0n) continue;
        const words = Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex').reverse();
        keep('long', at, flags | (reading << 2), size, words);
      }
  }

  function points(): void {
    if (words < 5) return;
    for (let q = Math.max(0, offset - 8); q < Math.min(end + 8, data.length); q++) {
      if (bytes[q] !== 4) continue;
      const ahead = offset >= 9 ? bytes[q - 1]! : 0;
      for (const size of [32, 40, 48, 64, 66]) {
        const headers = [0, 8, 2 * size + 1, (16 * size + 3) % 256];
        const aligned = (q - offset) % 8 === 0;
        const few = size === 40 || size === 64;
        const led = aligned && q >= 8 && (quiet(q - 8) || bytes.readBigUInt64LE(q - 8) === 2n ** 64n - 1n);
        const anywhere = few ? led : size === 66 || words <= 64 || aligned;
        if (!fits(q + 1, 2 * size) || (!anywhere && !headers.includes(ahead))) continue;
        const top = { 40: 0xd3, 64: 0xaa }[size] ?? 0xff;
        const below = bytes[q + 1]! <= top && bytes[q + 1 + size]! <= top;
        const whole = () => below && looksRandom(bytes, q + 1, 2 * size);
        const half = (at: number) => bytes[at]! <= 1 && looksRandom(bytes, at + 2, 64);
        if (size === 66 ? half(q + 1) && half(q + 67) : whole())
          keep('point', q + 1, 0, size, bytes.subarray(q + 1, q + 1 + 2 * size));
      }
    }
  }

  function digits(): void {
    const [low, high] = [Math.max(offset % 8, offset - 2048), Math.min(data.length, end + 2048) - 8];
    const few = (at: number) => zeroBytes(bytes, at) <= 2;
    let from = offset;
    while (from - 8 >= low && few(from - 8)) from -= 8;
    let to = Math.min(end, high);
    while (to < high && few(to)) to += 8;
    to = Math.min(to + 8, high);
    for (const [form, { stride, upper, bits, even, widths, slack }] of DIGITS.entries()) {
      const fits = (at: number) => bytes.readUInt32LE(at + upper) < 2 ** bits && !(even && bytes[at]! & 1);
      for (let at = even ? Math.max(from - 4, low) : from; at + stride <= to; ) {
        let behind = at;
        while (behind + stride <= to && fits(behind)) behind += stride;
        const count = (behind - at) / stride;
        const isAtEdge = bits !== 31 || at <= from + 16 || behind + 16 >= to;
        const digit = (i: number) => {
          const from = at + i * stride;
          const value = stride === 4 ? BigInt(bytes.readUInt32LE(from)) : bytes.readBigUInt64LE(from);
          return even ? value >> 1n : value;
        };
        // A number of `bits` bits or slightly fewer may be within two digits of an end.
        const holds = (total: number, width: number) => {
          const length = Math.ceil(total / width);
          const ends = [0, 1, 2, count - length - 2, count - length - 1, count - length];
          return ends.some(
            (i) =>
              i >= 0 &&
              i + length <= count &&
              digit(i + length - 1) > 0n &&
              digit(i + length - 1).toString(2).length <= total - (length - 1) * width,
          );
        };
        const long = count >= Math.ceil(512 / widths[0]!);
        const may = long || widths.some((width) => holds(256, width) || holds(384, width));
        const sample = Math.min(48, (count * stride - stride - 8) & ~7);
        const narrow = form === 0 && words32(at + 8, sample / 4).every((word) => word < 2 ** 28);
        const more = narrow ? 196 : slack;
        const spare = sample < 48 ? Math.trunc((more * sample) / 48) + 12 : more;
        if (
          may &&
          isAtEdge &&
          digitsLookRandom(bytes, at + 8, sample, spare, form % 2 === 1 || narrow ? 4 : 0)
        )
          keep('digits', at, form, count);
        at = behind + stride;
      }
    }
  }
}

const DIGITS = [
  { stride: 4, upper: 0, bits: 30, even: false, widths: [30, 28], slack: 64 },
  { stride: 8, upper: 4, bits: 28, even: false, widths: [60], slack: 108 },
  { stride: 8, upper: 4, bits: 31, even: false, widths: [63], slack: 32 },
  { stride: 4, upper: 0, bits: 29, even: true, widths: [28, 26], slack: 264 },
];

const CURVE_DIGITS = [
  { reading: 3, bits: 30, stride: 4, slack: 16 },
  { reading: 4, bits: 60, stride: 8, slack: 18 },
];

import type { Domain } from '../../asn1/domain.js';
import { inverse } from '../../base/bytes/integers.js';
import { toNumber } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { limbsOf, pairField } from '../core/pair-field.js';
import {
  type Comb,
  type CombTables,
  MAX_SCALARS,
  type MultipliedPoints,
  makeComb,
  type PairField,
} from './comb.js';

/** Numbers that are looked at at once for points in Jacobian coordinates. */
const JACOBIAN_BLOCK = 8192;

/** What the kernel computes with, by the curve: every small file has the same ones. */
interface Constants {
  /** -1/p mod 2^32. */
  negativeInverse: number;
  /** p, R^2 mod p, and a and b in Montgomery form. */
  numbers: readonly bigint[];
  /** 1/R mod p. */
  inverseR: bigint;
  /** {@link pairField}. */
  pairs?: BigUint64Array;
  tables: CombTables;
}

const constantsCache = new WeakMap<Domain, Constants>();

function constantsOf(domain: Domain, width: number): Constants {
  const { p, a, b } = domain;
  const r = 1n << BigInt(width * 8);
  const constants = constantsCache.get(domain) ?? {
    negativeInverse: Number(BigInt.asUintN(32, -(inverse(p, 1n << 32n) ?? 0n))),
    numbers: [p, (r * r) % p, (a * r) % p, (b * r) % p],
    inverseR: inverse(r % p, p) ?? 0n,
    tables: {},
  };
  constantsCache.set(domain, constants);
  return constants;
}

/** How a number stands for an element of the field, in the order of kernel/forms.as.ts. */
const FORMS = ['montgomery', 'limbs-le', 'bytes-be'] as const;
export type NumberForm = (typeof FORMS)[number];

/** How far the words of two sides that are equal may be from one another (kernel/join.as.ts). */
const TOLERANCE = 3n;
export const isNear = (a: bigint, b: bigint): boolean =>
  BigInt.asUintN(64, a - b + TOLERANCE) <= 2n * TOLERANCE;

/** The eighths of all words in which what is near one may lie. */
export const bucketsNear = (word: bigint): bigint[] =>
  [word - TOLERANCE, word + TOLERANCE].map((each) => bucketOf(BigInt.asUintN(64, each)));
export const bucketOf = (word: bigint): bigint => word >> 3n;

/** Scalars that are multiplied for nothing: so often that the engine's optimising compiler takes up what multiplies. */
const WARM_UP_SCALARS = 64;

/** A curve in the kernel: its field, and on demand the tables that multiply its generator. */
export class KernelCurve {
  readonly domain: Domain;
  /** Bytes of a field element: whole 8-byte words, so that Montgomery's R is that of 64-bit libraries. */
  readonly width: number;
  readonly #kernel: Kernel;
  readonly #field: number;
  readonly #values: number;
  #comb: Comb | undefined;
  readonly #constants: Constants;
  /** The same field for pairs of numbers, where this machine computes with them. */
  readonly #pairs: PairField | undefined;

  /** `pairs`: false for numbers one by one on any machine, which gives the same. */
  constructor(kernel: Kernel, domain: Domain, pairs = true) {
    this.domain = domain;
    this.width = Math.ceil(domain.size / 8) * 8;
    this.#kernel = kernel;
    const constants = constantsOf(domain, this.width);
    const { negativeInverse, numbers } = constants;
    this.#constants = constants;
    this.#field = kernel.allocate(8 + this.width * 11 + 8);
    kernel.bytes.writeUInt32LE(this.width / 4, this.#field);
    kernel.bytes.writeUInt32LE(negativeInverse, this.#field + 4);
    for (const [i, value] of numbers.entries()) this.#write(this.#field + 8 + i * this.width, value);
    this.#values = kernel.allocate(MAX_SCALARS * this.width);
    const limbs = pairs ? limbsOf(domain.p, this.width) : undefined;
    const call = limbs && kernel.pairs(limbs.file);
    if (limbs === undefined || call === undefined) return;
    constants.pairs ??= pairField(domain, this.width, limbs);
    const words = constants.pairs;
    this.#pairs = { call, field: kernel.allocate(words.byteLength), limbs };
    kernel.u64(this.#pairs.field, words.length).set(words);
  }

  /** x of R x mod p: what a number in Montgomery form means. */
  fromMontgomery(value: bigint): bigint {
    return (value * this.#constants.inverseR) % this.domain.p;
  }

  /**
   * For each value, `width` bytes in a form, a word of v^2 and one of v^3 + a v + b, to `squares` and `rights` in the kernel's memory: where one
   * number's word is near another's (`isNear`), these two may be x and y of a point. `rights` may be 0, where squares alone are wanted.
   */
  equation(values: Uint8Array, form: NumberForm, squares: number, rights: number): void {
    const { call } = this.#kernel;
    const size = MAX_SCALARS * this.width;
    for (let done = 0; done < values.length; done += size) {
      const part = values.subarray(done, done + size);
      const count = part.length / this.width;
      const copy = this.#kernel.view(this.#values, part.length);
      copy.set(part);
      const at = (done / this.width) * 8;
      if (this.#pairs) {
        const { call, field } = this.#pairs;
        call.equation(field, this.#values, FORMS.indexOf(form), count, squares + at, rights && rights + at);
        continue;
      }
      if (form === 'bytes-be')
        for (let at = 0; at < copy.length; at += this.width) copy.subarray(at, at + this.width).reverse();
      if (form !== 'montgomery') call.convert(this.#field, this.#values, count);
      call.equation(this.#field, this.#values, count, squares + at, rights && rights + at);
    }
  }

  /**
   * Triples of indices of numbers (`width` bytes little-endian, in Montgomery form; `valuesOf` gives a stretch of them) that are X, Y, Z of a point in Jacobian
   * coordinates, Z at most `near` bytes from Y by the offsets, and `reach` places from X in the list.
   */
  jacobian(
    valuesOf: (from: number, end: number) => Uint8Array,
    offsets: Float64Array,
    { near, reach, budget }: { near: number; reach: number; budget: number },
  ): { triples: Uint32Array; tried: number } {
    const triples: number[] = [];
    let left = budget;
    let tried = 0;
    // A block at a time, with what lies beside it: a hostile dump has numbers for a gigabyte of products.
    while (tried < offsets.length && left > 0) {
      const from = Math.max(0, tried - reach);
      const end = Math.min(offsets.length, tried + JACOBIAN_BLOCK + reach);
      const block = this.#jacobianBlock(
        valuesOf(from, end),
        offsets.subarray(from, end),
        { from: tried - from, to: Math.min(offsets.length, tried + JACOBIAN_BLOCK) - from },
        { near, reach, budget: left },
      );
      for (const index of block.triples) triples.push(from + index);
      tried = from + block.next;
      left -= block.formed;
    }
    return { triples: Uint32Array.from(triples), tried };
  }

  /** Tries the numbers [from, to) of a block as Z. */
  #jacobianBlock(
    values: Uint8Array,
    offsets: Float64Array,
    { from, to }: { from: number; to: number },
    { near, reach, budget }: { near: number; reach: number; budget: number },
  ): { triples: Uint32Array; next: number; formed: number } {
    const kernel = this.#kernel;
    const most = 4096;
    return kernel.scratch(() => {
      const numbers = kernel.allocate(values.length);
      const places = kernel.allocate(offsets.byteLength);
      // Two numbers in words, or three as pairs of doubles.
      const work = kernel.allocate(6 * values.length + 64 * this.width);
      const hits = kernel.allocate(most * 12);
      const next = kernel.allocate(8);
      kernel.view(numbers, values.length).set(values);
      kernel
        .view(places, offsets.byteLength)
        .set(new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength));
      kernel.u32(next, 1)[0] = from;
      const steps = Math.min(budget, 2 ** 31 - 1);
      const numbersAt = [
        numbers,
        places,
        offsets.length,
        near,
        reach,
        to,
        steps,
        work,
        hits,
        most,
        next,
      ] as const;
      const found = this.#pairs
        ? this.#pairs.call.jacobian(this.#pairs.field, ...numbersAt)
        : kernel.call.jacobian(this.#field, ...numbersAt);
      const [behind = 0, formed = 0] = kernel.u32(next, 2);
      return { triples: kernel.u32(hits, found * 3).slice(), next: behind, formed };
    });
  }

  /**
   * x of d * G for scalars of `width` bytes, both plain and little-endian; undefined where the scalar is zero or meets itself in the
   * table (one in 2^250). 5 to 11 us each at 256 bits, 24 at 384; one by one four times that.
   */
  *xCoordinates(scalars: Uint8Array): Generator<Buffer | undefined> {
    for (const point of this.#multiples(scalars)) {
      if (point === undefined || this.#pairs) yield point?.subarray(0, this.width);
      else yield littleEndian(this.#coordinate(point, 0), this.width);
    }
  }

  /** The same with y, as numbers. */
  *affinePoints(scalars: Uint8Array): Generator<{ x: bigint; y: bigint } | undefined> {
    for (const point of this.#multiples(scalars))
      yield point && { x: this.#coordinate(point, 0), y: this.#coordinate(point, this.width) };
  }

  /**
   * Up to BATCH multiples as Curve25519's users show them: u = x - shift (RFC 7748, 4.1) in place of x, and y of Edwards's form in place of y. Undefined where
   * no kernel does this: what there is without is `xsOf`.
   */
  edwardsCoordinates(scalars: Uint8Array, shift: bigint): MultipliedPoints | undefined {
    const { call, field } = this.#pairs ?? {};
    if (field === undefined || call?.toEdwards === undefined) return undefined;
    let done = 0;
    const multiplied = this.#multiply(scalars, (points, count, work) => {
      this.#write(this.#values, shift);
      done = call.toEdwards!(field, points, count, this.#values, work);
    });
    return done === 0 ? undefined : multiplied;
  }

  /** Makes the generator's table, and has the engine compile what multiplies, which it does in the background. */
  warmUp(): void {
    this.#multiply(Buffer.alloc(WARM_UP_SCALARS * this.width, 0x55));
  }

  #coordinate(point: Buffer, at: number): bigint {
    const value = toNumber(point.subarray(at, at + this.width), 'limbs-le');
    return this.#pairs ? value : this.fromMontgomery(value);
  }

  /** x and y one after the other: plain from pairs, else in Montgomery form. */
  *#multiples(scalars: Uint8Array): Generator<Buffer | undefined> {
    const size = MAX_SCALARS * this.width;
    for (let done = 0; done < scalars.length; done += size) {
      const { flags, points } = this.#multiply(scalars.subarray(done, done + size));
      for (const [i, flag] of flags.entries())
        yield flag === 1 ? points.subarray(i * 2 * this.width, (i + 1) * 2 * this.width) : undefined;
    }
  }

  get #multiply(): Comb {
    const { p, x, y } = this.domain;
    const r = 1n << BigInt(this.width * 8);
    this.#comb ??= makeComb(
      {
        ...{ kernel: this.#kernel, width: this.width, field: this.#field },
        generator: Buffer.concat([x, y].map((value) => littleEndian((value * r) % p, this.width))),
      },
      this.#pairs,
      this.#constants.tables,
    );
    return this.#comb;
  }

  #write(at: number, value: bigint): void {
    this.#kernel.view(at, this.width).set(littleEndian(value, this.width));
  }
}

function littleEndian(value: bigint, width: number): Buffer {
  return Buffer.from(value.toString(16).padStart(width * 2, '0'), 'hex').reverse();
}

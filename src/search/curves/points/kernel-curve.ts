import type { Domain } from '../../../core/asn1/domain.js';
import { inverse } from '../../../core/base/bytes/integers.js';
import { finish, type Pausing } from '../../../core/base/runtime/turns.js';
import { toNumber } from '../../core/integer-encodings.js';
import type { NumberKernel } from '../../core/kernel.js';
import { limbsOf, pairField } from '../../core/pair-field.js';
import { toLittleEndian } from '../numbers/octets.js';
import {
  type Comb,
  type CombTables,
  MAX_SCALARS,
  type MultipliedPoints,
  makeComb,
  type PairField,
} from './comb.js';

/** Numbers searched at once for points in Jacobian coordinates. */
const JACOBIAN_BLOCK = 8192;

/** Constants of a curve's arithmetic in the kernel, computed once for each process. */
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

/** How a field element is stored, in the order of kernel/forms.as.ts. */
const FORMS = ['montgomery', 'limbs-le', 'bytes-be'] as const;
export type StoredCoordinate = (typeof FORMS)[number];

/** The words of two equal sides differ by at most this much (kernel/join.as.ts). */
const TOLERANCE = 3n;
export const isNear = (a: bigint, b: bigint): boolean =>
  BigInt.asUintN(64, a - b + TOLERANCE) <= 2n * TOLERANCE;

/** Buckets of eight consecutive words that may hold a word near the given one. */
export const bucketsNear = (word: bigint): bigint[] =>
  [word - TOLERANCE, word + TOLERANCE].map((each) => bucketOf(BigInt.asUintN(64, each)));
export const bucketOf = (word: bigint): bigint => word >> 3n;

/** Multiplications of the warm-up: enough for the engine's optimising compiler to compile the code. */
const WARM_UP_SCALARS = 64;

/** Multiplications that save what the table and the compilation of the code take, 35 ms. */
const MIN_FOR_TABLE = 4096;

/** A curve in the kernel: its field, and the comb table of its generator, built on demand. */
export class KernelCurve {
  readonly domain: Domain;
  /**
   * Bytes of a field element: whole 8-byte words, so that R = 2^(8 width) is Montgomery's R of 64-bit
   * libraries.
   */
  readonly width: number;
  readonly #kernel: NumberKernel;
  readonly #field: number;
  readonly #values: number;
  #comb: Comb | undefined;
  readonly #constants: Constants;
  /** The same field for pairs of numbers, if this machine has a use for it. */
  readonly #pairs: PairField | undefined;

  /** `pairs`: false disables pair arithmetic; the results are the same. */
  constructor(kernel: NumberKernel, domain: Domain, pairs = true) {
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

  /** True if it multiplies `count` scalars faster (9 us each, in pairs) than OpenSSL on P-256 (17 us). */
  outruns(count: number): boolean {
    return this.#pairs !== undefined && (this.#comb !== undefined || count >= MIN_FOR_TABLE);
  }

  /** x from x * R mod p. */
  fromMontgomery(value: bigint): bigint {
    return (value * this.#constants.inverseR) % this.domain.p;
  }

  /**
   * Writes a word of v^2 to `squares` and one of v^3 + a v + b to `rights` (addresses in the kernel) for each
   * value of `width` bytes. If the word of one value's square is near ({@link isNear}) the right side of
   * another, the two may be y and x of a point. `rights` is 0 if only squares are needed.
   */
  equation(values: Uint8Array, form: StoredCoordinate, squares: number, rights: number): void {
    finish(this.equations(values, form, squares, rights));
  }

  /** {@link equation}, with pauses. */
  *equations(values: Uint8Array, form: StoredCoordinate, squares: number, rights: number): Pausing<never> {
    const { call } = this.#kernel;
    const size = MAX_SCALARS * this.width;
    for (let done = 0; done < values.length; done += size) {
      if (done > 0) yield;
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
   * Triples of indices of numbers that are X, Y, Z of a point in Jacobian coordinates, with Z at most `near`
   * bytes from Y and at most `reach` positions from X. `valuesOf` returns a range of the numbers, `width`
   * bytes each, little-endian and in Montgomery form; `tried` is the count of numbers tried as Z.
   */
  jacobian(
    valuesOf: (from: number, end: number) => Uint8Array,
    offsets: Float64Array,
    { near, reach, budget }: { near: number; reach: number; budget: number },
  ): { triples: Uint32Array; tried: number } {
    const triples: number[] = [];
    let left = budget;
    let tried = 0;
    // In blocks with their neighbours: the products for all numbers of a hostile dump would take a gigabyte.
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

  /** Tries the numbers [from, to) of a block as Z; `formed` is the number of left sides computed. */
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
      // Room for two numbers in words, or three as pairs of doubles.
      const work = kernel.allocate(6 * values.length + 64 * this.width);
      const hits = kernel.allocate(most * 12);
      const next = kernel.allocate(8);
      kernel.view(numbers, values.length).set(values);
      kernel
        .view(places, offsets.byteLength)
        .set(new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength));
      kernel.u32(next, 1)[0] = from;
      const limits = [near, reach, to, Math.min(budget, 2 ** 31 - 1)] as const;
      const memory = [work, hits, most, next] as const;
      const found = this.#pairs
        ? this.#pairs.call.jacobian(this.#pairs.field, numbers, places, offsets.length, ...limits, ...memory)
        : kernel.call.jacobian(this.#field, numbers, places, offsets.length, ...limits, ...memory);
      const [end = 0, formed = 0] = kernel.u32(next, 2);
      return { triples: kernel.u32(hits, found * 3).slice(), next: end, formed };
    });
  }

  /**
   * x of d * G for scalars of `width` bytes, both in little-endian words. Undefined for d = 0, or if an
   * addition meets equal points (one in 2^250). 5 to 11 us each at 256 bits and 24 at 384 in pairs, four
   * times as much without.
   */
  *xCoordinates(scalars: Uint8Array): Generator<Buffer | undefined> {
    for (const point of this.#multiples(scalars)) {
      if (point === undefined || this.#pairs) yield point?.subarray(0, this.width);
      else yield toLittleEndian(this.#coordinate(point, 0), this.width);
    }
  }

  /** Affine coordinates of d * G. */
  *affinePoints(scalars: Uint8Array): Generator<{ x: bigint; y: bigint } | undefined> {
    for (const point of this.#multiples(scalars))
      yield point && { x: this.#coordinate(point, 0), y: this.#coordinate(point, this.width) };
  }

  /**
   * Multiples of Curve25519's base point, at most MAX_SCALARS, as pairs of u = x - shift (RFC 7748, 4.1) and
   * y of the Edwards form. Undefined if this machine has no kernel for it; use {@link xCoordinates} then.
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

  /**
   * Builds the generator's table and triggers the compilation of the multiplication, which runs in the
   * background.
   */
  warmUp(): void {
    this.#multiply(Buffer.alloc(WARM_UP_SCALARS * this.width, 0x55));
  }

  #coordinate(point: Buffer, at: number): bigint {
    const value = toNumber(point.subarray(at, at + this.width), 'limbs-le');
    return this.#pairs ? value : this.fromMontgomery(value);
  }

  /** x and y of each multiple: plain if computed in pairs, otherwise in Montgomery form. */
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
        generator: Buffer.concat([x, y].map((value) => toLittleEndian((value * r) % p, this.width))),
      },
      this.#pairs,
      this.#constants.tables,
    );
    return this.#comb;
  }

  #write(at: number, value: bigint): void {
    this.#kernel.view(at, this.width).set(toLittleEndian(value, this.width));
  }
}

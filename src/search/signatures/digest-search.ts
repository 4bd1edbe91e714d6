import { createECDH, createHash } from 'node:crypto';
import { uncompressed } from '../../core/asn1/spki.js';
import { padded, toBigint } from '../../core/base/bytes/integers.js';
import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import { lowWord } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { WordIndex } from '../core/word-index.js';
import { toOctets } from '../curves/numbers/octets.js';
import { type Affine, splitPoint, sumAndDifference } from '../curves/points/affine.js';
import { fastestMultiples } from '../curves/points/fastest-multiples.js';
import { KernelCurve } from '../curves/points/kernel-curve.js';
import type { SignedNumber, SignedNumbers } from './signed-numbers.js';
import { hashOf, type PlacedSignature, type Signer, verifies } from './signer.js';

/** A signature, and a key that may have made it. */
export interface SignedBy {
  signature: PlacedSignature;
  signer: Signer;
}

/** A signature that the key has made, and the file offset of the number that it is over. */
export type Attributed = SignedBy & { place: number };

interface Message {
  place: number;
  message: Buffer;
}

/** Digests that are multiplied at once. */
const BATCH = 512;
/** Digests that are multiplied, and numbers that are passed, between two pauses. */
const PACE = { digests: 64, numbers: 1024 };

/** Seconds for the points of a signature, and for a number that is passed. */
const POINTS = 3e-4;
const PASSED = 2e-7;
/** Seconds for a digest, by the curve: with its hash, and verified in one case of 2^64. */
const DIGEST: Readonly<Record<string, number>> = { 'P-256': 2e-5, secp256k1: 1e-5, 'P-384': 3e-5 };
const MOST_DIGEST = 2.5e-4;

/** Seconds for a digest on the curve of a key. */
export const digestCost = ({ name }: Pick<Signer, 'name'>): number => DIGEST[name] ?? MOST_DIGEST;

/**
 * The numbers that ECDSA signatures are over. The digest of a number is multiplied once and looked up among
 * the {@link digestPoints} of all signatures that it may be for. `shares`: what may be spent, one for a pair;
 * `left` is called for those whose numbers were not all tried. `countOf`: digests of the numbers for a pair.
 */
export function* attributed(
  pairs: readonly SignedBy[],
  from: {
    kernel: NumberKernel;
    numbers: SignedNumbers;
    shares: EqualShares;
    countOf(pair: SignedBy): number;
    left(pair: SignedBy): void;
  },
): Pausing<Attributed> {
  const curves = new Map<string, KernelCurve>();
  for (const group of grouped(pairs)) {
    const { signer } = group[0]!;
    const curve = curves.get(signer.name) ?? new KernelCurve(from.kernel, signer.multiplied!.domain);
    curves.set(signer.name, curve);
    const search = new DigestSearch(group, curve, from.numbers, from.shares.take(group.length));
    yield* search.attributed(from.countOf(group[0]!));
    from.shares.return(search.seconds);
    search.left.forEach(from.left);
  }
}

/** Pairs for which a number has the same digest, on the same curve. */
function grouped(pairs: readonly SignedBy[]): SignedBy[][] {
  const groups = new Map<string, SignedBy[]>();
  for (const pair of pairs) {
    const { signature, signer } = pair;
    const { over, parameters } = signature;
    const key = [signer.name, hashOf(signature, signer), over, parameters.toString('hex')].join();
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(pair);
  }
  return [...groups.values()];
}

/** The search for what the signatures of one group are over. */
class DigestSearch {
  /** Pairs whose numbers were not all tried. */
  readonly left: SignedBy[] = [];
  readonly #curve: KernelCurve;
  readonly #numbers: SignedNumbers;
  readonly #group: readonly SignedBy[];
  /** Points of the digests by their first word, and the pair of each. */
  readonly #points = new WordIndex();
  readonly #pairs: SignedBy[] = [];
  /** Pairs of which nothing is known yet. */
  readonly #open = new Set<SignedBy>();
  /** What is left of the budget. */
  seconds: number;

  constructor(group: readonly SignedBy[], curve: KernelCurve, numbers: SignedNumbers, seconds: number) {
    [this.#group, this.#curve, this.#numbers, this.seconds] = [group, curve, numbers, seconds];
  }

  /** `count`: digests of all numbers, of which as many are tried as the budget covers. */
  *attributed(count: number): Pausing<Attributed> {
    yield* this.#findPoints();
    const [{ signature, signer }] = this.#group as [SignedBy];
    const cost = digestCost(signer);
    const tried = Math.min(count, this.seconds / cost);
    let batch: Message[] = [];
    for (const number of this.#nearest()) {
      if (number === undefined) {
        yield;
        continue;
      }
      for (const message of this.#numbers.messages(number, signature.over, signature.parameters))
        if (this.#spend(cost)) batch.push({ place: number.offset, message });
      if (batch.length < BATCH) continue;
      yield* this.#multiply(batch, tried);
      batch = [];
    }
    yield* this.#multiply(batch, tried);
    if (this.seconds < 0) this.left.push(...this.#open);
  }

  /** False, and from then on, when the budget is spent. */
  #spend(seconds: number): boolean {
    this.seconds -= seconds;
    return this.seconds >= 0;
  }

  *#findPoints(): Pausing<never> {
    for (const pair of this.#group) {
      if (!this.#spend(POINTS)) {
        this.left.push(pair);
        continue;
      }
      for (const x of digestPoints(pair)) {
        this.#points.add(lowWord(x));
        this.#pairs.push(pair);
        this.#open.add(pair);
      }
      yield;
    }
  }

  /** Each number once: the nearest to every signature, then the next ones. */
  *#nearest(): Pausing<SignedNumber> {
    const walks = Array.from(this.#open, (pair) => {
      const { offset, over } = pair.signature;
      return { pair, numbers: this.#numbers.near(offset, over) };
    });
    const passed = new Set<string>();
    const pace = new Pace(PACE.numbers);
    for (let isDone = false; !isDone; ) {
      isDone = true;
      for (const { pair, numbers } of walks) {
        if (!this.#open.has(pair) || !this.#spend(PASSED)) continue;
        const { value, done } = numbers.next();
        if (done) continue;
        isDone = false;
        if (pace.isDue()) yield;
        const key = `${value.offset} ${value.length}`;
        if (passed.has(key)) continue;
        passed.add(key);
        yield value;
      }
    }
  }

  /** Multiplies the digests of a batch; `count`: of all batches. A digest of a point is verified. */
  *#multiply(batch: readonly Message[], count: number): Pausing<Attributed> {
    const [{ signature, signer }] = this.#group as [SignedBy];
    const { width, domain } = this.#curve;
    const hash = hashOf(signature, signer)!;
    const scalars = Buffer.alloc(batch.length * width);
    for (const [i, { message }] of batch.entries()) {
      // The leftmost octets of a digest that is longer than the order (FIPS 186-5, 6.4.1).
      const digest = createHash(hash).update(message).digest().subarray(0, domain.size);
      scalars.set(digest.reverse(), i * width);
    }
    const pace = new Pace(PACE.digests);
    let i = 0;
    for (const x of fastestMultiples(this.#curve, scalars, count)) {
      const { place, message } = batch[i++]!;
      if (pace.isDue()) yield;
      for (const entry of x ? this.#points.entries(Buffer.from(x).readBigUInt64LE()) : []) {
        const pair = this.#pairs[entry]!;
        if (!this.#open.has(pair) || !verifies(pair.signature, pair.signer, message)) continue;
        this.#open.delete(pair);
        yield { ...pair, place };
      }
    }
  }
}

/** First octet of a compressed point with an even y (SEC 1, 2.3.3). */
const EVEN = Buffer.of(2);

/**
 * The x of both points that may be e * G for the digest e that a signature is over. From s = (e + r d) / k
 * (SEC 1, 4.1.3) follows e * G = s * R - r * Q, where R is either point with x = r. Of n digests the one that
 * was signed is found by n multiplications of the generator, which the kernel does in batches, in place of n
 * verifications. Empty for a signature that no key has made.
 */
function digestPoints({ signature, signer }: SignedBy): bigint[] {
  const { curve, domain, point } = signer.multiplied!;
  const [r, s] = signature.parts as [Buffer, Buffer];
  const { n, p, size } = domain;
  try {
    const ecdh = createECDH(curve.openssl);
    // ECDH returns only x: the sign of y decides which of the two is the sum and which the difference.
    const multiple = (scalar: Uint8Array, of: Uint8Array): Affine | undefined => {
      ecdh.setPrivateKey(toOctets(toBigint(scalar) % n, size));
      const written = uncompressed(curve, Buffer.concat([EVEN, ecdh.computeSecret(of)]));
      return written && splitPoint(written, size);
    };
    const sR = multiple(s, Buffer.concat([EVEN, padded(r, size)]));
    const rQ = multiple(r, point);
    return sR && rQ ? sumAndDifference(sR, rQ, p).map(({ x }) => x) : [];
  } catch {
    // No point has this x, or a scalar is zero.
    return [];
  }
}

/** A budget of seconds in equal shares: what one share leaves goes to those after it. */
export class EqualShares {
  #seconds: number;
  #shares: number;

  constructor(seconds: number, shares: number) {
    [this.#seconds, this.#shares] = [seconds, shares];
  }

  /** The seconds of some shares. */
  take(shares: number): number {
    if (this.#seconds === Number.POSITIVE_INFINITY) return this.#seconds;
    const seconds = (this.#seconds * shares) / this.#shares;
    this.#seconds -= seconds;
    this.#shares -= shares;
    return seconds;
  }

  /** Gives back what is left of some shares. */
  return(seconds: number): void {
    if (seconds > 0) this.#seconds += seconds;
  }
}

/**
 * Signatures of the certificates themselves. A self-signed certificate of a trust store has one next to each
 * modulus, as long and as random as a private exponent. A number that the public operation turns into a
 * PKCS#1 padded message (RFC 8017, 9.2) is public and no part of a key.
 */

import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { lowerBound } from '../../core/base/bytes/binary-search.js';
import { toBytes } from '../../core/base/bytes/integers.js';
import { bitLength } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Scale } from '../core/skipped-work.js';
import { fillingSizes, fillingStarts } from './filling-starts.js';
import { type Modulus, type ModulusPlace, PlaceSet } from './modulus.js';

/** Nearest moduli that a signature is tried with: that of its own certificate is close. */
const MAX_NEAREST = 4;
/** Places of moduli on either side among which the nearest ones are looked for. */
const PLACES_AROUND = 32;
/**
 * Candidates; a program with a trust store has 130.
 * With many more, leaving out those that are public would not help the searches: then all are tried, as parts
 * of keys too, and none is lost.
 */
const MAX_CANDIDATES = 1000;
/** Budget in products of words, 0.2 s: what it does not cover is tried as part of a key. */
const EFFORT = 75_000_000;

/** `places` ascend by offset. */
export function* certificateSignatures(
  places: readonly ModulusPlace[],
  bytes: RunBytes,
  runs: RunList,
  budget: Scale,
): Generator<{ offset: number; length: number }> {
  if (places.length === 0) return;
  const candidates = candidatesOf(places, runs);
  if (candidates.length > MAX_CANDIDATES) return;
  const effort = { left: budget(EFFORT) };
  const known = new PlaceSet(places);
  const offsets = places.map(({ offset }) => offset);
  for (const { offset, words } of candidates) {
    if (offset < 0 || known.overlaps(offset, offset + words * 8)) continue;
    const stored = bytes.read(offset, words * 8);
    const moduli = nearest(places, lowerBound(offsets, offset), offset, words);
    if (moduli.some((modulus) => isSignature(stored, modulus, effort))) yield { offset, length: words * 8 };
  }
}

/** Where a number as long as a modulus fills a run; stops soon after {@link MAX_CANDIDATES}. */
function candidatesOf(places: readonly ModulusPlace[], runs: RunList): { offset: number; words: number }[] {
  const sizes = new Set(places.map(({ modulus }) => modulus.words));
  const candidates: { offset: number; words: number }[] = [];
  for (const run of runs.ofWords(Math.min(...sizes) - 1, Math.max(...sizes) + 1))
    for (const words of fillingSizes(run)) {
      if (!sizes.has(words)) continue;
      if (candidates.length > MAX_CANDIDATES) return candidates;
      for (const offset of fillingStarts(run, words)) candidates.push({ offset, words });
    }
  return candidates;
}

/** Distinct moduli of `words` words by distance, among the places around index `next`. */
function nearest(places: readonly ModulusPlace[], next: number, offset: number, words: number): Modulus[] {
  const around = places.slice(Math.max(0, next - PLACES_AROUND), next + PLACES_AROUND);
  const byDistance = around
    .filter(({ modulus }) => modulus.words === words)
    .sort((a, b) => Math.abs(a.offset - offset) - Math.abs(b.offset - offset));
  return [...new Set(byDistance.map(({ modulus }) => modulus))].slice(0, MAX_NEAREST);
}

const operations = new WeakMap<Modulus, RsaPublicOperation>();

function operationFor(modulus: Modulus): RsaPublicOperation {
  const operation = operations.get(modulus) ?? new RsaPublicOperation(modulus.n, modulus.e);
  operations.set(modulus, operation);
  return operation;
}

/** 00 01 and the first eight octets of FF. */
const PADDING = Buffer.from('0001ffffffffffffffff', 'hex');

function isSignature(stored: Buffer, modulus: Modulus, effort: { left: number }): boolean {
  const { e, words } = modulus;
  const bits = bitLength(e);
  const cost = bits * 2 * words ** 2;
  if (bits > 32 || cost > effort.left) return false;
  const operation = operationFor(modulus);
  if (!operation.accepts(stored)) return false;
  effort.left -= cost;
  return operation.apply(stored)?.subarray(0, PADDING.length).equals(PADDING) ?? false;
}

/**
 * m^e mod n for one public key, as RSA encryption without padding. OpenSSL is ten times as fast as bigints at
 * 2,048 bits.
 */
export class RsaPublicOperation {
  /** Octets of the modulus. */
  readonly octets: number;
  readonly #n: Buffer;
  readonly #key: KeyObject | undefined;

  constructor(n: bigint, e: bigint) {
    this.#n = toBytes(n);
    this.octets = this.#n.length;
    this.#key = publicKey(this.#n, toBytes(e));
  }

  /** True if `value`, big-endian, is below the modulus. */
  accepts(value: Buffer): boolean {
    const spare = value.length - this.octets;
    if (spare < 0) return true;
    for (let i = 0; i < spare; i++) if (value[i] !== 0) return false;
    return value.compare(this.#n, 0, this.octets, spare) < 0;
  }

  /** Big-endian, as long as the modulus, for an accepted value; undefined if OpenSSL refuses the key. */
  apply(value: Buffer): Buffer | undefined {
    if (this.#key === undefined) return undefined;
    const block = Buffer.alloc(this.octets);
    value.copy(block, Math.max(0, this.octets - value.length), Math.max(0, value.length - this.octets));
    try {
      return publicEncrypt({ key: this.#key, padding: constants.RSA_NO_PADDING }, block);
    } catch {
      return undefined;
    }
  }
}

function publicKey(n: Buffer, e: Buffer): KeyObject | undefined {
  const key = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

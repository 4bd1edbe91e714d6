import type { Effort } from '../core/effort.js';
import { bitLength, toNumber } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import { KnownPlaces, type Modulus, type Sight } from './modulus.js';
import { RsaPublicOperation } from './rsa-public-op.js';

/** Moduli by whose places a signature is tried: its certificate's own stands beside it. */
const NEAREST = 4;
/** Numbers that are tried, of which a program with a trust store has 130: where there are many more, what is left out for being public is no help. */
const MOST = 1000;
/** Places of moduli on either side among which the nearest are. */
const AROUND = 32;

/**
 * Signatures of the certificates themselves: a self-signed certificate of a trust store has one for each modulus, as long and as
 * random as a private exponent. What is padded by PKCS#1 (RFC 8017, 9.2) when it is raised to e is public, and no part of a key.
 * `sights` ascend by offset.
 */
export function* certificateSignatures(
  sights: readonly Sight[],
  bytes: RunBytes,
  runs: RunList,
  effort: Effort,
): Generator<{ offset: number; length: number }> {
  if (sights.length === 0) return;
  const candidates = candidatesOf(sights, runs);
  if (candidates.length > MOST) return;
  const known = new KnownPlaces(sights);
  let next = 0;
  for (const { offset, words } of candidates) {
    if (offset < 0 || known.meets(offset, offset + words * 8)) continue;
    while (next < sights.length && sights[next]!.offset < offset) next++;
    const stored = bytes.read(offset, words * 8);
    if (nearest(sights, next, offset, words).some((modulus) => isSignature(stored, modulus, effort)))
      yield { offset, length: words * 8 };
  }
}

/** Where a number as long as one of the moduli fills a run, or all of it but a word; a few more than {@link MOST} where there are more. */
function candidatesOf(sights: readonly Sight[], runs: RunList): { offset: number; words: number }[] {
  const sizes = new Set(sights.map(({ modulus }) => modulus.words));
  const candidates: { offset: number; words: number }[] = [];
  for (const run of runs.ofWords(Math.min(...sizes) - 1, Math.max(...sizes) + 1))
    for (const words of [run.words - 1, run.words, run.words + 1]) {
      if (!sizes.has(words)) continue;
      if (candidates.length > MOST) return candidates;
      for (const start of words === run.words ? [0] : [0, run.words - words])
        candidates.push({ offset: run.offset + start * 8, words });
    }
  return candidates;
}

/** Different moduli of so many words by the distance of their places, those around index `next`. */
function nearest(sights: readonly Sight[], next: number, offset: number, words: number): Modulus[] {
  const around = sights.slice(Math.max(0, next - AROUND), next + AROUND);
  const byDistance = around
    .filter(({ modulus }) => modulus.words === words)
    .sort((a, b) => Math.abs(a.offset - offset) - Math.abs(b.offset - offset));
  return [...new Set(byDistance.map(({ modulus }) => modulus))].slice(0, NEAREST);
}

const powers = new WeakMap<Modulus, RsaPublicOperation>();

function powerOf(modulus: Modulus): RsaPublicOperation {
  const power = powers.get(modulus) ?? new RsaPublicOperation(modulus.n, modulus.e);
  powers.set(modulus, power);
  return power;
}

/** 00 01 and eight octets of FF at least. */
const PADDING = Buffer.from('0001ffffffffffffffff', 'hex');

function isSignature(stored: Buffer, modulus: Modulus, effort: Effort): boolean {
  const { n, e, words } = modulus;
  const bits = bitLength(e);
  if (bits > 32) return false;
  const raised = powerOf(modulus);
  if (!raised.takes(stored) || !effort.spend(bits * 2 * words ** 2)) return false;
  const message = raised.of(stored);
  if (message !== undefined) return message.subarray(0, PADDING.length).equals(PADDING);
  return (
    power(toNumber(stored, 'bytes-be'), e, n) >> BigInt((raised.octets - 10) * 8) === 0x1_ffff_ffff_ffff_ffffn
  );
}

/** base^exponent mod m, the exponent being short. */
function power(base: bigint, exponent: bigint, m: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % m;
    if (bit === '1') result = (result * base) % m;
  }
  return result;
}

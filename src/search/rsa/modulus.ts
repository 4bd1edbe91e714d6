import { upperBound } from '../../base/bytes/binary-search.js';
import { unionOf } from '../../base/bytes/intervals.js';
import type { Kernel } from '../core/kernel.js';
import { sightings } from '../core/known-integers.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';

/** A modulus that is known: from a certificate, a public key, or a question. */
export interface Modulus {
  n: bigint;
  e: bigint;
  /** Nothing tells e: it is the usual one. */
  assumed?: true;
  /** 64-bit words of n. */
  words: number;
  /** Somebody asks whether its private half is here. */
  asked: boolean;
  /** So is its private half, which copies are looked for of. */
  held?: boolean;
  /** It stands as a bare number, as a library computes with it, and not only inside its certificate. */
  bare: boolean;
  /** No search goes on for it: its private key is found, or it is that of a public root. Where it stands is no secret all the same. */
  solved: boolean;
}

/** A place of a modulus in the file. */
export interface Sight {
  modulus: Modulus;
  offset: number;
  length: number;
}

/** What a text alone tells may be a prime as well, or an exponent: of p, q and dp of one key each passes for a modulus. */
export const isPublic = ({ modulus }: Sight): boolean => !modulus.assumed;

/** Moduli of one size: what a number may belong to. */
export interface Family {
  /** 64-bit words of a modulus, and of a prime of it. */
  words: number;
  half: number;
  moduli: readonly Modulus[];
}

/** Moduli that are searched for together. */
export const MOST_MODULI = 2048;

/** Of more than that many moduli those that are asked for, and those that something is searched for. */
export const likeliest = (moduli: readonly Modulus[]): Modulus[] =>
  [...moduli]
    .sort((a, b) => Number(b.asked) - Number(a.asked) || Number(a.solved) - Number(b.solved))
    .slice(0, MOST_MODULI);

/** Families, the smallest moduli first; within one, what was asked for comes first. */
export function familiesOf(moduli: readonly Modulus[]): Family[] {
  const bySize = new Map<number, Modulus[]>();
  for (const modulus of moduli) bySize.set(modulus.words, [...(bySize.get(modulus.words) ?? []), modulus]);
  return [...bySize]
    .sort(([a], [b]) => a - b)
    .map(([words, all]) => ({
      words,
      half: Math.ceil(words / 2),
      moduli: all.sort((a, b) => Number(b.asked) - Number(a.asked) || Number(b.bare) - Number(a.bare)),
    }));
}

/** Places of a file that are known to be no secret, disjoint and ascending. */
export class KnownPlaces {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(extents: Iterable<{ offset: number; length: number }>) {
    for (const { offset, length } of unionOf(extents)) {
      this.#starts.push(offset);
      this.#ends.push(offset + length);
    }
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Does any of them share a byte with [from, to)? */
  meets(from: number, to: number): boolean {
    const first = upperBound(this.#ends, from);
    return first < this.#starts.length && this.#starts[first]! < to;
  }
}

/** Words of the shortest run in which one of the windows may lie that are compared with a known modulus: eight, of which the edges may lack one each. */
const LEAST_WORDS = 6;

/**
 * Where the moduli themselves stand in the runs, at any byte, ascending: what lies there is public and no part of a private key. Marks
 * those that are bare numbers: their private halves are the likeliest to be there too. What stands in its certificate alone is
 * everybody's.
 */
export function locate(moduli: readonly Modulus[], kernel: Kernel, bytes: RunBytes, runs: RunList): Sight[] {
  const wanted = moduli.map((modulus) => ({ value: modulus.n, label: modulus }));
  const sights: Sight[] = [];
  for (const { label, offset, length } of sightings(wanted, kernel, bytes, runs, {
    step: 1,
    least: LEAST_WORDS,
  })) {
    sights.push({ modulus: label, offset, length });
    label.bare ||= !standsInDer(offset, bytes);
  }
  return sights.sort((a, b) => a.offset - b.offset);
}

/** The header of a DER INTEGER whose top bit is padded (X.690, 8.3) stands before the number. */
function standsInDer(offset: number, bytes: RunBytes): boolean {
  if (offset < 5) return false;
  // 02 82 hh ll 00, 02 81 ll 00 or 02 ll 00.
  const header = bytes.read(offset - 5, 5);
  return header[4] === 0 && header.subarray(0, 3).includes(0x02);
}

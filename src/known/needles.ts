import { distinctBytes } from '../base/bytes/distinct.js';
import { widen } from '../base/bytes/utf.js';
import { Secret } from '../base/crypto/secret.js';
import { Pace, type Pausing } from '../base/runtime/turns.js';
import { ENCODINGS, type Encoding } from '../encodings/encodings.js';
import type { Component } from '../model/key-material.js';

/** One component of one key in one encoding. Copies are compared with it. */
export interface EncodedStream {
  /** Index of the key. */
  key: number;
  component: string;
  form: Pick<Encoding, 'text' | 'unit' | 'digits'> & { name: string };
  /** Characters alternate with NULs: UTF-16 of either byte order. */
  wide: boolean;
  /** The encoded bytes, without line breaks and NULs. */
  encoded: Secret;
  /** Number of characters at each end that also encode adjacent bytes (base64). */
  shared: { before: 0 | 1; after: 0 | 1 };
}

/** Place of a needle's literal in a stream. */
export interface NeedleTarget {
  stream: EncodedStream;
  /** Position of its first character. */
  at: number;
  /** Length in characters. */
  length: number;
}

/**
 * How streams are cut into needles. A needle has at least 15 bytes, so that at any alignment it contains an
 * aligned 8-byte word, which the sweep's kernel compares. Binary: any 31 bytes of a copy contain a needle.
 * Text: any 63 characters do, hence every full line of a PEM body (64). Digits: any 79 bytes do; numbers in
 * digits are copied whole.
 */
const CUTS = {
  binary: { length: 16, every: 16 },
  digits: { length: 16, every: 64 },
  text: { length: 24, every: 40 },
  wide: { length: 12, every: 48 },
  // For text that only matches whole: adjacent pieces, so that a line break breaks only one of them.
  whole: { length: 15, every: 15 },
  wholeWide: { length: 12, every: 12 },
} as const;

/**
 * Upper bound on the pieces of a stream that only matches whole: a line break breaks one or two of them, and
 * the next one is a line away.
 */
const WHOLE_PIECES = 4;

/** Shorter components, or those with fewer distinct bytes, are no needles: they would match everywhere. */
const LEAST = { bytes: 16, distinct: 8 };
/**
 * Pieces with fewer distinct characters (zeros, ones, padding) are omitted; adjacent pieces find the copy.
 */
const LEAST_DISTINCT_IN_PIECE = 5;

/** Components that are byte strings instead of integers. */
export const BYTE_STRINGS = new Set(['seed', 'k']);

/** Literals of the copies sweep. */
export interface Needles {
  /** Streams that each needle is a piece of. */
  targets: readonly (readonly NeedleTarget[])[];
  /** Needed only until a net is compiled: thousands of small arrays take more memory than all else. */
  literals: readonly Secret[];
  /** False if pieces were dropped because there were too many. */
  complete: boolean;
}

/** Positions at which a stream of `length` characters is cut: at regular intervals, and one at its end. */
function positions(length: number, cut: { length: number; every: number }): number[] {
  if (length < cut.length) return [];
  const last = length - cut.length;
  const regular = Array.from({ length: Math.floor(last / cut.every) + 1 }, (_, i) => i * cut.every);
  return regular.at(-1) === last ? regular : [...regular, last];
}

interface Piece {
  at: number;
  length: number;
}

/**
 * The pieces to search for: all of a stream that also matches in part, else those with the most distinct
 * bytes.
 */
function piecesOf(encoded: Uint8Array, cut: { length: number; every: number }, inPart: boolean): Piece[] {
  const variety = ({ at, length }: Piece) => distinctBytes(encoded, at, at + length);
  const all = positions(encoded.length, cut).map((at) => ({ at, length: cut.length }));
  if (inPart) return all.filter((piece) => variety(piece) >= LEAST_DISTINCT_IN_PIECE);
  if (all.length === 0) return [{ at: 0, length: encoded.length }];
  const best = all.reduce((most, piece) => (variety(piece) > variety(most) ? piece : most));
  const first = Math.min(all.indexOf(best), Math.max(0, all.length - WHOLE_PIECES));
  return all.slice(first, first + WHOLE_PIECES);
}

function isSelective(value: Uint8Array): boolean {
  return value.length >= LEAST.bytes && distinctBytes(value) >= LEAST.distinct;
}

/**
 * Streams, the most likely first (binary before text, narrow before wide): an upper bound drops the others.
 */
export function* componentStreams(
  keys: readonly { components: readonly Component[] }[],
): Iterable<EncodedStream> {
  for (const wide of [false, true])
    for (const form of ENCODINGS) {
      if (wide && !form.text) continue;
      for (const [key, { components }] of keys.entries())
        for (const { name, value } of components) {
          if (!isSelective(value.reveal()) || (form.numeric && BYTE_STRINGS.has(name))) continue;
          for (const { bytes, shared } of form.encode(value.reveal()))
            yield { key, component: name, form, wide, encoded: new Secret(bytes), shared };
        }
    }
}

function cutOf({ wide, form }: EncodedStream): keyof typeof CUTS {
  if (form.text && !Number.isFinite(form.unit)) return wide ? 'wholeWide' : 'whole';
  if (wide) return 'wide';
  if (form.text) return 'text';
  return form.digits ? 'digits' : 'binary';
}

/**
 * Upper bound on the needles of one sweep: those of ten RSA-2048 or 160 P-256 keys. More would be as fast,
 * but take more memory.
 */
export const MOST_NEEDLES = 16_000;

/** Streams between two pauses. */
const PACE = 16;

/**
 * The literals that find every stream, in part or whole: about 1,200 for the private components of an
 * RSA-2048 key, 70 for those of a P-256 key. At most `most`: later streams are then not encoded.
 */
export function* needlesOf(
  streams: Iterable<EncodedStream | undefined>,
  most = MOST_NEEDLES,
): Pausing<never, Needles> {
  const targets: NeedleTarget[][] = [];
  const literals: Secret[] = [];
  let complete = true;
  /** By literal, which is a secret: needed only while the list is built. */
  const ids = new Map<string, number>();
  const pace = new Pace(PACE);
  for (const stream of streams) {
    if (stream === undefined || pace.isDue()) yield;
    if (stream === undefined) continue;
    const encoded = stream.encoded.reveal();
    for (const { at, length } of piecesOf(encoded, CUTS[cutOf(stream)], Number.isFinite(stream.form.unit))) {
      const piece = encoded.subarray(at, at + length);
      const literal = stream.wide ? widen(piece) : piece;
      const name = Buffer.from(literal).toString('latin1');
      const id = ids.get(name) ?? targets.length;
      if (id === most) {
        complete = false;
        continue;
      }
      if (id === targets.length) {
        ids.set(name, id);
        literals.push(new Secret(literal));
        targets.push([]);
      }
      targets[id]!.push({ stream, at, length });
    }
    if (!complete) break;
  }
  return { targets, literals, complete };
}

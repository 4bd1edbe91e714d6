import { distinctBytes } from '../core/base/bytes/distinct.js';
import { widen } from '../core/base/bytes/utf.js';
import { Secret } from '../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../core/base/runtime/turns.js';
import { ENCODINGS, type Encoding } from '../core/encodings/encodings.js';
import type { Component } from '../core/model/key-material.js';

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
 * Streams that share a needle before the next one takes other pieces of its value: a hit is compared with all
 * of them, and ten thousand tokens may have the same beginning. Only for streams that match as a whole.
 */
const MOST_SHARING = 8;
/** Places in a long value that are tried for such pieces. */
const MOST_TRIES = 32;

/**
 * The pieces to search for: all of a stream that also matches in part, else those with the most distinct
 * bytes. `mayBreak`: line breaks may be in it. `sharing`: streams that have a piece already.
 */
function piecesOf(
  encoded: Uint8Array,
  cut: { length: number; every: number },
  { inPart, mayBreak }: { inPart: boolean; mayBreak: boolean },
  sharing: (piece: Piece) => number,
): Piece[] {
  const variety = ({ at, length }: Piece) => distinctBytes(encoded, at, at + length);
  const all = positions(encoded.length, cut).map((at) => ({ at, length: cut.length }));
  if (inPart) return all.filter((piece) => variety(piece) >= LEAST_DISTINCT_IN_PIECE);
  if (all.length === 0) return [{ at: 0, length: encoded.length }];
  const best = all.reduce((most, piece) => (variety(piece) > variety(most) ? piece : most));
  const last = Math.max(0, all.length - WHOLE_PIECES);
  const from = (first: number) => all.slice(first, first + WHOLE_PIECES);
  const mostSharing = (pieces: readonly Piece[]) => Math.max(...pieces.map(sharing));
  let chosen = from(Math.min(all.indexOf(best), last));
  let least = mostSharing(chosen);
  const step = Math.ceil((last + 1) / MOST_TRIES);
  for (let first = last; first >= 0 && least >= MOST_SHARING; first -= step) {
    const pieces = from(first);
    const count = mostSharing(pieces);
    if (count >= least || pieces.every((piece) => variety(piece) < LEAST_DISTINCT_IN_PIECE)) continue;
    [chosen, least] = [pieces, count];
  }
  // Without line breaks one piece is enough.
  const own = mayBreak ? [] : chosen.filter((piece) => sharing(piece) < MOST_SHARING);
  return own.length > 0 ? own : chosen;
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

const nameOf = (literal: Uint8Array): string => Buffer.from(literal).toString('latin1');

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
    const literalOf = ({ at, length }: Piece): Uint8Array => {
      const piece = encoded.subarray(at, at + length);
      return stream.wide ? widen(piece) : piece;
    };
    const sharing = (piece: Piece): number => targets[ids.get(nameOf(literalOf(piece))) ?? -1]?.length ?? 0;
    const { unit, text: mayBreak } = stream.form;
    const how = { inPart: Number.isFinite(unit), mayBreak };
    for (const { at, length } of piecesOf(encoded, CUTS[cutOf(stream)], how, sharing)) {
      const literal = literalOf({ at, length });
      const name = nameOf(literal);
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

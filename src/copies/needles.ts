import { widen } from '../base/bytes/field-reader.js';
import { Secret } from '../base/crypto/secret.js';
import { ENCODINGS, type Encoding } from '../base/encodings/encodings.js';
import type { Component } from '../model/key-material.js';

/** One component of one key in one encoding: what a copy is compared with. */
export interface Stream {
  /** Index of the key. */
  key: number;
  component: string;
  form: Pick<Encoding, 'text' | 'unit' | 'digits'> & { name: string };
  /** Characters stand with a NUL between them: UTF-16 of either byte order. */
  wide: boolean;
  /** The encoded bytes, without line breaks and without NULs. */
  encoded: Secret;
  /** Characters at the two ends that hold bits of a neighbour too (base64). */
  shared: { before: 0 | 1; after: 0 | 1 };
}

/** A literal of a needle, where it stands in a stream. */
export interface Target {
  stream: Stream;
  /** Position of its first character in the stream. */
  at: number;
  /** Its length in characters of the stream. */
  length: number;
}

/**
 * How streams are cut. A needle has at least 15 bytes, so that whatever its alignment one aligned 8-byte word lies inside
 * it: that is what the sweep's kernel looks at. Binary: any 31 bytes of a copy hold a needle. Text: any 63 characters do,
 * so every full line of a PEM body (64) does. Digits: any 79 bytes do; numbers in digits are copied whole.
 */
const CUTS = {
  binary: { length: 16, every: 16 },
  digits: { length: 16, every: 64 },
  text: { length: 24, every: 40 },
  wide: { length: 12, every: 48 },
  // Of a text that is only met whole: pieces side by side, of which a line break spoils one.
  whole: { length: 15, every: 15 },
  wholeWide: { length: 12, every: 12 },
} as const;

/** Pieces of a stream that is only met whole: of these a line's end spoils one or two, and the next one is a line away. */
const WHOLE_PIECES = 4;

/** A component shorter than this, or with fewer distinct bytes, is no needle: it would be met everywhere. */
const LEAST = { bytes: 16, distinct: 8 };
/** A piece with fewer distinct characters (zeros, ones, padding) is left out; its neighbours find the copy. */
const LEAST_DISTINCT_IN_PIECE = 5;

/** Components that are byte strings, not integers. */
export const BYTE_STRINGS = new Set(['seed', 'k']);

/** What the second sweep looks for: literals, and for each what it is a piece of. */
export class Needles {
  readonly #targets: Target[][] = [];
  #literals: Secret[] = [];
  readonly #ids = new Map<string, number>();
  /** Longest a copy of any stream can be, in characters. */
  longest = 0;
  /** False where pieces were left out because there were more than asked for. */
  complete = true;

  /** Literals by needle id, as bytes for the sweep. At least 15 bytes each. */
  literals(): Uint8Array[] {
    return this.#literals.map((literal) => literal.reveal());
  }

  get size(): number {
    return this.#targets.length;
  }

  /** The streams that the literal is a piece of. */
  targets(needle: number): readonly Target[] {
    return this.#targets[needle] ?? [];
  }

  /** Enters one literal, unless there are `most` already. */
  add(literal: Uint8Array, target: Target, most: number): void {
    const name = Buffer.from(literal).toString('latin1');
    const known = this.#ids.get(name);
    if (known !== undefined) {
      this.#targets[known]?.push(target);
      return;
    }
    if (this.#targets.length >= most) {
      this.complete = false;
      return;
    }
    this.#ids.set(name, this.#targets.length);
    this.#literals.push(new Secret(literal));
    this.#targets.push([target]);
    this.longest = Math.max(this.longest, target.stream.encoded.length);
  }

  /** They stand in a net now: thousands of small arrays are more memory than all the rest. */
  forgetLiterals(): void {
    this.#literals = [];
  }

  /** The names of the literals are secrets too, and needed only while the list is built. */
  seal(): this {
    this.#ids.clear();
    return this;
  }
}

/** Positions at which a stream of `length` characters is cut: every so many, and one at its end. */
function positions(length: number, cut: { length: number; every: number }): number[] {
  if (length < cut.length) return [];
  const last = length - cut.length;
  const regular = Array.from({ length: Math.floor(last / cut.every) + 1 }, (_, i) => i * cut.every);
  return regular.at(-1) === last ? regular : [...regular, last];
}

/** For each byte value the last round of counting in which it was met: a set for every piece of every key would be garbage. */
const metIn = new Uint32Array(256);
let round = 0;

function distinct(bytes: Uint8Array): number {
  if (++round === 2 ** 32) {
    metIn.fill(0);
    round = 1;
  }
  let count = 0;
  for (const byte of bytes) {
    if (metIn[byte] !== round) count++;
    metIn[byte] = round;
  }
  return count;
}

interface Piece {
  at: number;
  length: number;
}

/** Pieces worth looking for: of a stream that is also met in part all of them, else the most telling. */
function piecesOf(encoded: Uint8Array, cut: { length: number; every: number }, inPart: boolean): Piece[] {
  const variety = ({ at, length }: Piece) => distinct(encoded.subarray(at, at + length));
  const all = positions(encoded.length, cut).map((at) => ({ at, length: cut.length }));
  if (inPart) return all.filter((piece) => variety(piece) >= LEAST_DISTINCT_IN_PIECE);
  if (all.length === 0) return [{ at: 0, length: encoded.length }];
  const best = all.reduce((most, piece) => (variety(piece) > variety(most) ? piece : most));
  const first = Math.min(all.indexOf(best), Math.max(0, all.length - WHOLE_PIECES));
  return all.slice(first, first + WHOLE_PIECES);
}

function worthy(value: Uint8Array): boolean {
  return value.length >= LEAST.bytes && distinct(value) >= LEAST.distinct;
}

/** Streams in order of their worth: binary before text, narrow before wide, so that a cap drops the least likely. */
export function* componentStreams(keys: readonly { components: readonly Component[] }[]): Iterable<Stream> {
  for (const wide of [false, true])
    for (const form of ENCODINGS) {
      if (wide && !form.text) continue;
      for (const [key, { components }] of keys.entries())
        for (const { name, value } of components) {
          if (!worthy(value.reveal()) || (form.numeric && BYTE_STRINGS.has(name))) continue;
          for (const { bytes, shared } of form.encode(value.reveal()))
            yield { key, component: name, form, wide, encoded: new Secret(bytes), shared };
        }
    }
}

function cutOf({ wide, form }: Stream): keyof typeof CUTS {
  if (form.text && !Number.isFinite(form.unit)) return wide ? 'wholeWide' : 'whole';
  if (wide) return 'wide';
  if (form.text) return 'text';
  return form.digits ? 'digits' : 'binary';
}

/** Literals asked for at most: beyond so many the sweep is no longer as fast as it was. */
const MOST = 16_384;

/** The literals that find every stream, in part or whole. At most `most`: streams behind those that fill it are not made. */
export function needlesOf(streams: Iterable<Stream>, most = MOST): Needles {
  const needles = new Needles();
  for (const stream of streams) {
    const cut = CUTS[cutOf(stream)];
    const encoded = stream.encoded.reveal();
    for (const { at, length } of piecesOf(encoded, cut, Number.isFinite(stream.form.unit))) {
      const piece = encoded.subarray(at, at + length);
      needles.add(stream.wide ? widen(piece) : piece, { stream, at, length }, most);
    }
    if (!needles.complete) break;
  }
  return needles.seal();
}

/**
 * The literals that find copies of every private component of `keys`, in every encoding of the forms table.
 * An RSA-2048 key gives about 1,100, a P-256 key about 60; `most` bounds their number, and `complete` says whether that cost any.
 */
export function componentNeedles(
  keys: readonly { components: readonly Component[] }[],
  most = MOST,
): Needles {
  return needlesOf(componentStreams(keys), most);
}

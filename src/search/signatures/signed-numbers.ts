import { lowerBound } from '../../core/base/bytes/binary-search.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Over } from './wire-signatures.js';

/** The file offset and the octets of a number that may be the signed data, or a part of it. */
export interface SignedNumber {
  offset: number;
  length: number;
}

/** How a number yields signed messages: its length, its position in a run, and the messages. */
interface Form {
  lengths: readonly number[];
  /**
   * Positions, in words, at which it is searched for in a longer run. `last` is the last possible position,
   * `own` its length.
   */
  places(last: number, own: number): readonly number[];
  messages(number: Buffer, parameters: Buffer): Buffer[];
}

const FORMS: Readonly<Record<Over, Form>> = {
  // The exchange hash H of the first key exchange is also the session identifier and is kept (RFC 4253, 7.2
  // and 8).
  'exchange hash': {
    lengths: [32, 48, 64],
    places: (last) => [0, last],
    messages: (hash) => [hash],
  },
  'transcript hash': {
    lengths: [32, 48],
    // On Go's stacks it follows the hash state that produced it, with or without another number after it.
    places: (last, own) => [last - own, last, 0, own],
    messages: (hash) => ['server', 'client'].map((side) => certificateVerify(side, hash)),
  },
  // client_random || server_random || parameters; OpenSSL stores the two randoms in reverse order.
  randoms: {
    lengths: [64],
    // GnuTLS stores both after the master secret.
    places: () => [0, MASTER_SECRET_WORDS],
    messages: (both, parameters) =>
      [
        [both, parameters],
        [both.subarray(32), both.subarray(0, 32), parameters],
      ].map((parts) => Buffer.concat(parts)),
  },
};

/** The signed content of TLS 1.3 (RFC 8446, 4.4.3). */
function certificateVerify(side: string, hash: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${' '.repeat(64)}TLS 1.3, ${side} CertificateVerify\0`), hash]);
}

/** Words of the longest run whose edges are tried. */
const MAX_RUN_WORDS = 1000;
/** Words of the runs whose numbers are tried. */
export const SIGNED_WORDS = { least: 3, most: MAX_RUN_WORDS } as const;
/** Verifications for one run, by what is signed: lengths, places and messages. */
export const MESSAGES: Readonly<Record<Over, number>> = {
  'exchange hash': 4,
  'transcript hash': 12,
  randoms: 4,
};
/** Words of the TLS master secret. */
const MASTER_SECRET_WORDS = 6;
/** Radix for storing a run's words and offset in one double. */
const WORDS_RADIX = 1024;

/**
 * Labels directly before a number, at any alignment: RFC 5246, 6.3 and 8.1, as Go concatenates them; RFC
 * 8446, 4.4.3.
 */
const LABELS = ['key expansion', 'master secret', 'CertificateVerify\0'].map((text) => Buffer.from(text));

/** 1 for the last byte of a label. */
const IS_LABEL_END = new Uint8Array(256);
for (const label of LABELS) IS_LABEL_END[label.at(-1)!] = 1;

/** Index after a label that ends in the run's first word at `at` or in the word before it. */
export function labelEnd(bytes: Buffer, at: number, least: number): number | undefined {
  for (let end = Math.max(at - 7, least + 2); end < at + 8; end++) {
    // Most runs follow zeros.
    if (IS_LABEL_END[bytes[end - 1]!] === 0 || bytes[end - 2]! < 0x20) continue;
    for (const label of LABELS) {
      const from = end - label.length;
      if (from >= least && bytes.subarray(from, end).equals(label)) return end;
    }
  }
  return undefined;
}

/**
 * Candidates for the signed data of each signature: labelled numbers, then numbers with a run to themselves,
 * then edges of longer runs, each nearest first.
 */
export class SignedNumbers {
  readonly #bytes: RunBytes;
  readonly #runs: RunList;
  readonly #labelled: readonly number[];
  /**
   * By range of words: offset and words of each run in one double, ascending. Other runs are left out: a
   * hostile dump has millions, which would be scanned for each signature.
   */
  readonly #places = new Map<string, Float64Array>();

  constructor(bytes: RunBytes, runs: RunList, labelled: readonly number[]) {
    this.#bytes = bytes;
    this.#runs = runs;
    this.#labelled = labelled;
  }

  /** The signed messages that a number may yield. */
  messages({ offset, length }: SignedNumber, over: Over, parameters: Buffer): Buffer[] {
    return FORMS[over].messages(this.#bytes.read(offset, length), parameters);
  }

  *near(offset: number, over: Over): Generator<SignedNumber> {
    const { lengths, places } = FORMS[over];
    const at = (offset: number, length: number): SignedNumber => ({ offset, length });
    for (const labelled of this.#labelled) for (const length of lengths) yield at(labelled, length);
    const [least, most] = [Math.min(...lengths) / 8, Math.max(...lengths) / 8];
    for (const { start, words } of this.#nearest(offset, least - 1, most))
      for (const length of lengths) {
        const lost = length / 8 - words;
        if (lost === 0) yield at(start, length);
        // One random word in 200 does not look random; at an edge it is missing from the run.
        else if (lost === 1) for (const from of [start, start - 8]) yield at(Math.max(0, from), length);
      }
    for (const length of lengths)
      for (const { start, words } of this.#nearest(offset, least + 1, MAX_RUN_WORDS)) {
        const own = length / 8;
        if (words <= own) continue;
        for (const place of new Set(places(words - own, own)))
          if (place >= 0 && place <= words - own) yield at(start + place * 8, length);
      }
  }

  #placesOf(least: number, most: number): Float64Array {
    const known = this.#places.get(`${least} ${most}`);
    if (known) return known;
    const all: number[] = [];
    for (const { offset, words } of this.#runs.ofWords(least, most)) all.push(offset * WORDS_RADIX + words);
    const places = Float64Array.from(all).sort();
    this.#places.set(`${least} ${most}`, places);
    return places;
  }

  /** Runs of `least` to `most` words, by distance from `offset`. */
  *#nearest(offset: number, least: number, most: number): Generator<{ start: number; words: number }> {
    const places = this.#placesOf(least, most);
    let right = lowerBound(places, offset * WORDS_RADIX);
    let left = right - 1;
    const distance = (place: number | undefined): number =>
      place === undefined ? Number.POSITIVE_INFINITY : Math.abs(place - offset * WORDS_RADIX);
    while (left >= 0 || right < places.length) {
      const place = distance(places[left]) < distance(places[right]) ? places[left--]! : places[right++]!;
      const words = place % WORDS_RADIX;
      yield { start: (place - words) / WORDS_RADIX, words };
    }
  }
}

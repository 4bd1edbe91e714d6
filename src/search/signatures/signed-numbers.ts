import { lowerBound } from '../../base/bytes/binary-search.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Over } from './wire-signatures.js';

/** A number of the dump that may be what was signed, or a part of it. */
export interface SignedNumber {
  offset: number;
  /** What is signed if it is: one message for each way. */
  messages: Buffer[];
}

/** How a number makes messages: its octets, by the hash, and what is signed. */
interface Form {
  lengths: readonly number[];
  /** Words of longer runs at which it is looked for, where its last place is `last` and it takes `own` words. */
  places(last: number, own: number): readonly number[];
  messages(number: Buffer, parameters: Buffer): Buffer[];
}

const FORMS: Readonly<Record<Over, Form>> = {
  // H of the first key exchange is the session's identifier as well, and stays with it (RFC 4253, 7.2 and 8).
  'exchange hash': {
    lengths: [32, 48, 64],
    places: (last) => [0, last],
    messages: (hash) => [hash],
  },
  'transcript hash': {
    lengths: [32, 48],
    // Go's stacks have it behind the state that made it, with another number behind it or none.
    places: (last, own) => [last - own, last, 0, own],
    messages: (hash) => ['server', 'client'].map((side) => certificateVerify(side, hash)),
  },
  // client_random || server_random || parameters; OpenSSL keeps them the other way round.
  randoms: {
    lengths: [64],
    // GnuTLS keeps both behind the master secret.
    places: () => [0, SECRET],
    messages: (both, parameters) =>
      [
        [both, parameters],
        [both.subarray(32), both.subarray(0, 32), parameters],
      ].map((parts) => Buffer.concat(parts)),
  },
};

/** What TLS 1.3 signs (RFC 8446, 4.4.3). */
function certificateVerify(side: string, hash: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${' '.repeat(64)}TLS 1.3, ${side} CertificateVerify\0`), hash]);
}

/** Words of the longest run of which the edges are tried. */
const LONGEST = 1000;
/** Words of TLS's master secret. */
const SECRET = 6;
/** Room for the words of a run beside its offset. */
const WORDS = 1024;

/** Texts before a number that says what it is, wherever it begins: RFC 5246, 6.3 and 8.1, as Go puts them together; RFC 8446, 4.4.3. */
const LABELS = ['key expansion', 'master secret', 'CertificateVerify\0'].map((text) => Buffer.from(text));

/** The last bytes of these texts: of most words none is one of them. */
const LAST = new Uint8Array(256);
for (const label of LABELS) LAST[label.at(-1)!] = 1;

/** Index behind such a text that ends in the run's first word at `at` or in the one before it. */
export function labelledAt(bytes: Buffer, at: number, least: number): number | undefined {
  for (let end = Math.max(at - 7, least + 2); end < at + 8; end++) {
    // Zeros stand before most runs.
    if (LAST[bytes[end - 1]!] === 0 || bytes[end - 2]! < 0x20) continue;
    for (const label of LABELS) {
      const from = end - label.length;
      if (from >= least && bytes.subarray(from, end).equals(label)) return end;
    }
  }
  return undefined;
}

/** The numbers of a dump that may have been signed, for any signature in it: first those with a run to themselves, nearest first. */
export class SignedNumbers {
  readonly #bytes: RunBytes;
  readonly #runs: RunList;
  readonly #labelled: readonly number[];
  /** By words: offset and words of each run in one number, ascending. Of no others: a hostile dump has millions, which would be passed for every signature. */
  readonly #places = new Map<string, Float64Array>();

  constructor(bytes: RunBytes, runs: RunList, labelled: readonly number[]) {
    this.#bytes = bytes;
    this.#runs = runs;
    this.#labelled = labelled;
  }

  *near(offset: number, over: Over, parameters: Buffer): Generator<SignedNumber> {
    const { lengths, places, messages } = FORMS[over];
    const read = (offset: number, length: number): SignedNumber => ({
      offset,
      messages: messages(this.#bytes.read(offset, length), parameters),
    });
    for (const labelled of this.#labelled) for (const length of lengths) yield read(labelled, length);
    const [least, most] = [Math.min(...lengths) / 8, Math.max(...lengths) / 8];
    for (const { start, words } of this.#nearest(offset, least - 1, most))
      for (const length of lengths) {
        const lost = length / 8 - words;
        if (lost === 0) yield read(start, length);
        // By chance one word in two hundred looks like none of a run: at an edge, it is not there.
        else if (lost === 1) for (const from of [start, start - 8]) yield read(Math.max(0, from), length);
      }
    for (const length of lengths)
      for (const { start, words } of this.#nearest(offset, least + 1, LONGEST)) {
        const own = length / 8;
        if (words <= own) continue;
        for (const place of new Set(places(words - own, own)))
          if (place >= 0 && place <= words - own) yield read(start + place * 8, length);
      }
  }

  #placesOf(least: number, most: number): Float64Array {
    const known = this.#places.get(`${least} ${most}`);
    if (known) return known;
    const all: number[] = [];
    for (const { offset, words } of this.#runs.ofWords(least, most)) all.push(offset * WORDS + words);
    const places = Float64Array.from(all).sort();
    this.#places.set(`${least} ${most}`, places);
    return places;
  }

  /** Runs of so many words, by their distance. */
  *#nearest(offset: number, least: number, most: number): Generator<{ start: number; words: number }> {
    const places = this.#placesOf(least, most);
    let right = lowerBound(places, offset * WORDS);
    let left = right - 1;
    const distance = (place: number | undefined): number =>
      place === undefined ? Number.POSITIVE_INFINITY : Math.abs(place - offset * WORDS);
    while (left >= 0 || right < places.length) {
      const place = distance(places[left]) < distance(places[right]) ? places[left--]! : places[right++]!;
      const words = place % WORDS;
      yield { start: (place - words) / WORDS, words };
    }
  }
}

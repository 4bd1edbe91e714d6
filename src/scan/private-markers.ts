import { lowerBound } from '../core/base/bytes/binary-search.js';
import { covers, unionOf } from '../core/base/bytes/intervals.js';
import { literalIndex } from '../core/base/bytes/literal-id.js';
import type { Extent } from '../core/model/report.js';
import type { Hits } from '../detect/examine.js';
import type { RuleSet } from '../rules/types.js';

/** Bytes on either side of a public key in which a marker of private keys is beside it. */
const REACH = 4096;
/** Markers that are kept: 1 MiB. */
const MOST = 1 << 17;
/** Detectors whose anchors are in private keys alone; that of a JSON Web Key is in public ones too. */
const DETECTORS: ReadonlySet<string> = new Set(['pem', 'der', 'openssh', 'cng', 'sexp']);

/** By set of rules: an archive has a hundred thousand artifacts. */
const tables = new WeakMap<RuleSet, Uint8Array>();

/** 1 for each literal that is a marker. */
function markersOf({ literals, rules }: RuleSet): Uint8Array {
  const isMarker = (index: number): boolean => {
    const { kind, detector } = rules[index]!;
    return kind === 'private-key' && DETECTORS.has(detector);
  };
  return Uint8Array.from(literals, (literal) => Number(literal.rules.some(isMarker)));
}

/** Where an artifact has markers of private keys: anchors of their formats, whether or not a key is whole. */
export class PrivateMarkers {
  readonly #isMarker: Uint8Array;
  readonly #offsets: number[] = [];
  #isFull = false;

  constructor(set: RuleSet) {
    this.#isMarker = tables.get(set) ?? markersOf(set);
    tables.set(set, this.#isMarker);
  }

  add({ offsets, ids }: Hits): void {
    for (let i = 0; i < ids.length; i++)
      if (this.#isMarker[literalIndex(ids[i]!)] === 1) this.addPlace(offsets[i]!);
  }

  /** A private key of any format begins here. */
  addPlace(offset: number): void {
    if (this.#offsets.length < MOST) this.#offsets.push(offset);
    else this.#isFull = true;
  }

  /**
   * What is beside a marker. `encodings`: all public keys and certificates. A serial number of 0 before an
   * algorithm of RSA looks as the head of PKCS#8, so that a marker inside of them does not count.
   */
  near(encodings: Iterable<Extent>): (place: Extent) => boolean {
    if (this.#isFull) return () => true;
    const union = unionOf(encodings);
    const all = this.#offsets.filter((offset) => !covers(union, offset));
    const sorted = Float64Array.from(all).sort();
    return ({ offset, length }) => {
      const next = sorted[lowerBound(sorted, offset - REACH)];
      return next !== undefined && next <= offset + length + REACH;
    };
  }
}

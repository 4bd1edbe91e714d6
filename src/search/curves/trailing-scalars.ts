import { getCurves } from 'node:crypto';
import { curveByName } from '../../asn1/curves.js';
import { isTrivial } from '../../asn1/trivial-scalar.js';
import { toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import { toNumber } from '../core/integer-encodings.js';
import { looksRandom } from '../core/randomness-test.js';
import type { SearchContext } from '../core/search-context.js';
import type { Look, WordProbe, WordSeen } from '../core/word-probe.js';
import type { EcFound } from './ec-keys.js';
import type { KernelCurve } from './field.js';
import { nativePoint } from './native-point.js';
import { encodePoint, type Point, type Points } from './points.js';

/** Octets that are multiplied, by their curve's size: 15 us each with 256 bits, 0.4 ms with 521. */
const MOST = { short: 1024, long: 128 };
const SHORT = 48;

/**
 * Scalars right behind y of a public key that stands elsewhere, in big-endian octets at any byte: x, y, d without a gap are the body of a key
 * blob of CNG (bcrypt.h, BCRYPT_ECCKEY_BLOB), of which an allocator takes the magic and the front of x.
 */
export class TrailingScalars {
  readonly found: EcFound[] = [];
  readonly #points: ReadonlyMap<KernelCurve, Points>;
  readonly #means: Pick<SearchContext, 'shortfall' | 'budget'>;
  readonly #tried = new Map<KernelCurve, Set<string>>();

  constructor(points: ReadonlyMap<KernelCurve, Points>, means: Pick<SearchContext, 'shortfall' | 'budget'>) {
    this.#points = points;
    this.#means = means;
  }

  /** Has the ends of all y looked for; what is found goes to {@link found}. */
  want(probe: WordProbe<Look>): void {
    for (const [curve, points] of this.#points) {
      if (!getCurves().includes(curveByName(curve.domain.name)?.openssl ?? '')) continue;
      for (const point of points.values()) {
        // Others stand as numbers alone: their scalars are looked for around them.
        if (!point.written) continue;
        const end = octetsOf(point.y, curve.domain.size).readBigUInt64LE(curve.domain.size - 8);
        probe.want(end, (seen) => this.#look(curve, point, seen));
      }
    }
  }

  #look(curve: KernelCurve, point: Point, { bytes, at, after, offset }: WordSeen<unknown>): void {
    const { domain } = curve;
    const { size } = domain;
    const start = at + 8;
    // The highest bits of P-521 have octets of their own.
    const spare = size % 8;
    if (after < 8 + size || !looksRandom(bytes, start + spare, size - spare)) return;
    const octets = Buffer.from(bytes.subarray(start, start + size));
    const d = toNumber(octets, 'bytes-be');
    if (d >= domain.n || isTrivial(d, domain.n) || !this.#mayTry(curve, octets, offset)) return;
    if (nativePoint(domain, d)?.x !== point.x) return;
    const encoded = encodePoint(point, size);
    const material = { type: 'ec', curve: domain.name, point: encoded, d: new Secret(octets) } as const;
    const place = { offset: offset + 8, length: size, reading: 'bytes-be' } as const;
    this.found.push({ material, point, ...place, negated: false });
  }

  /** Each once, as far as the budget goes. */
  #mayTry(curve: KernelCurve, octets: Buffer, offset: number): boolean {
    const tried = this.#tried.get(curve) ?? new Set();
    this.#tried.set(curve, tried);
    const id = octets.toString('latin1');
    if (tried.has(id)) return false;
    const { shortfall, budget } = this.#means;
    if (tried.size >= budget(octets.length > SHORT ? MOST.long : MOST.short)) {
      const what = 'numbers behind public keys were not tried';
      shortfall.add('ec-scalars behind points', what, offset, offset + octets.length);
      return false;
    }
    tried.add(id);
    return true;
  }
}

/** Big-endian. */
function octetsOf(value: bigint, size: number): Buffer {
  const bytes = toBytes(value);
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}

import { isTrivial } from '../../../asn1/trivial-scalar.js';
import { Secret } from '../../../base/crypto/secret.js';
import { toNumber } from '../../core/integer-encodings.js';
import { looksRandom } from '../../core/randomness-test.js';
import type { SearchContext } from '../../core/search-context.js';
import type { WordHandler, WordProbe, WordSeen } from '../../core/word-probe.js';
import { toOctets } from '../numbers/octets.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import { isNative, nativePoint } from '../points/native-point.js';
import { type CurvePoints, encodePoint, type Point, targetOf } from '../points/points.js';
import { scalarCost } from './scalar-choice.js';
import type { ScalarFound } from './scalar-search.js';

/** Scalars multiplied on one curve, by its size: 15 us each with 256 bits, 0.4 ms with 521. */
const MAX_MULTIPLIED = { short: 1024, long: 128 };
const MAX_SHORT_BYTES = 48;

/**
 * Scalars directly after the y of a public key found elsewhere, as big-endian octets at any alignment. The
 * body of a CNG key blob (bcrypt.h, BCRYPT_ECCKEY_BLOB) is x, y, d without gaps; after a free, the allocator
 * overwrites its magic and the start of x.
 */
export class TrailingScalars {
  readonly found: ScalarFound[] = [];
  readonly #points: CurvePoints;
  readonly #context: Pick<SearchContext, 'skippedWork' | 'budget'>;
  readonly #tried = new Map<KernelCurve, Set<string>>();

  constructor(points: CurvePoints, context: Pick<SearchContext, 'skippedWork' | 'budget'>) {
    this.#points = points;
    this.#context = context;
  }

  /** Searches for the last word of each y; keys go to {@link found}. */
  registerWith(probe: WordProbe<WordHandler>): void {
    for (const [curve, points] of this.#points) {
      if (!isNative(curve.domain)) continue;
      for (const point of points.values()) {
        // Points that are bare numbers are handled by numbersNear.
        if (!point.written) continue;
        const end = toOctets(point.y, curve.domain.size).readBigUInt64LE(curve.domain.size - 8);
        probe.add(end, (seen) => this.#look(curve, point, seen));
      }
    }
  }

  #look(curve: KernelCurve, point: Point, { bytes, at, after, offset }: WordSeen<unknown>): void {
    const { domain } = curve;
    const { size } = domain;
    const start = at + 8;
    // The top octets of a P-521 scalar hold 9 bits only.
    const spare = size % 8;
    if (after < 8 + size || !looksRandom(bytes, start + spare, size - spare)) return;
    const octets = Buffer.from(bytes.subarray(start, start + size));
    const d = toNumber(octets, 'bytes-be');
    if (d >= domain.n || isTrivial(d, domain.n) || !this.#mayTry(curve, point, octets, offset)) return;
    if (nativePoint(domain, d)?.x !== point.x) return;
    const encoded = encodePoint(point, size);
    const material = { type: 'ec', curve: domain.name, point: encoded, d: new Secret(octets) } as const;
    const place = { offset: offset + 8, length: size, reading: 'bytes-be' } as const;
    this.found.push({ material, point, ...place, negated: false });
  }

  /** True for a scalar not tried before, within the budget. */
  #mayTry(curve: KernelCurve, point: Point, octets: Buffer, offset: number): boolean {
    const tried = this.#tried.get(curve) ?? new Set();
    this.#tried.set(curve, tried);
    const id = octets.toString('latin1');
    if (tried.has(id)) return false;
    const { skippedWork, budget } = this.#context;
    if (tried.size >= budget(octets.length > MAX_SHORT_BYTES ? MAX_MULTIPLIED.long : MAX_MULTIPLIED.short)) {
      const what = 'numbers after public keys were not tried';
      const left = { target: targetOf(point), left: 1, work: scalarCost(curve.domain) };
      skippedWork.add('ec-scalars behind points', left, what, offset, offset + octets.length);
      return false;
    }
    tried.add(id);
    return true;
  }
}

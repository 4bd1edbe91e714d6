import { toNumber } from '../core/integer-encodings.js';
import type { KnownInteger } from '../core/known-integers.js';
import { mayBePrime } from '../core/product-tree.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { Place, Reading } from '../core/types.js';
import type { Modulus } from './modulus.js';

/** An RSA number in whole words, big-endian, where it stands as base64url or in digits. */
export interface RsaText extends Place {
  octets: Buffer;
  reading: Reading;
}

/** Octets of the shortest modulus, and most of them that are taken for known ones. */
const LEAST_MODULUS = 128;
const MOST_MODULI = 256;
/** AQAB of a JSON Web Key: the exponent is too short a text to be found. */
export const USUAL_EXPONENT = 65_537n;

/** What may be a modulus that no certificate tells, with another number of its key among the texts. */
export function* textModuli(texts: readonly RsaText[], shortfall: SkippedWork): Generator<Modulus> {
  const sizes = new Map<number, number>();
  for (const { octets } of texts) sizes.set(octets.length, (sizes.get(octets.length) ?? 0) + 1);
  let found = 0;
  for (const { octets, offset, length } of texts) {
    const others = (sizes.get(octets.length) ?? 0) - 1 + (sizes.get(octets.length / 2) ?? 0);
    if (octets.length < LEAST_MODULUS || octets[0]! >> 7 === 0 || others === 0) continue;
    const n = toNumber(octets, 'bytes-be');
    if (!mayBePrime(n)) continue;
    if (++found > MOST_MODULI)
      shortfall.add('texts', 'members of JSON Web Keys were not tried as moduli', offset, offset + length);
    else
      yield {
        n,
        e: USUAL_EXPONENT,
        assumed: true,
        words: octets.length / 8,
        asked: false,
        bare: false,
        solved: false,
      };
  }
}

/** Those of the wanted numbers that stand as text. */
export function* amongTexts<T>(
  wanted: readonly KnownInteger<T>[],
  texts: readonly RsaText[],
): Generator<KnownInteger<T>> {
  if (texts.length === 0) return;
  const values = new Set(texts.map(({ octets }) => toNumber(octets, 'bytes-be')));
  for (const each of wanted) if (values.has(each.value)) yield each;
}

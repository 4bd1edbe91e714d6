import type { Point } from '../points/points.js';
import type { ScalarFound } from '../scalars/scalar-search.js';
import type { Nonce } from './nonce-signatures.js';
import type { Explained } from './signing-equation.js';

/** A scalar that is a key, or may be one. */
export interface Weighed {
  found: ScalarFound;
  /** Why it may be a nonce. */
  doubt?: string;
}

/** What else is known of the scalars of a dump. */
export interface NonceEvidence extends Explained {
  /** Signatures whose r is x of a multiple. */
  seen: readonly Nonce[];
}

/**
 * One scalar for each point. A point and its negative are two keys, of d and n - d; where one of them is
 * written as a key, that one is meant.
 */
export function onePerPoint(scalars: readonly ScalarFound[]): ScalarFound[] {
  const seen = new Set<Point>();
  const written = new Set(scalars.filter(({ point }) => point.written).map(({ point }) => point.x));
  return scalars.filter(({ point }) => {
    if (seen.has(point) || (!point.written && written.has(point.x))) return false;
    seen.add(point);
    return true;
  });
}

/**
 * The scalars that are keys, each with a reason for doubt if there is one. A point written as a key belongs
 * to a key, whatever it signed. Otherwise
 *
 * - a nonce of a signature by a proven key, with its digest in the dump, is no finding: this cannot be made
 *   up without the scalar;
 * - a scalar whose x is the r of some signature, whose inverse is in the dump, or with a key of its curve
 *   that has signed, may be a nonce. Anyone who knows a public key can write a signature with its x as r, so
 *   such a signature must not hide a key;
 * - a scalar that is a key of another curve, with its public half written or in use there, is not reported
 *   twice.
 */
export function* weighScalars(scalars: readonly ScalarFound[], evidence: NonceEvidence): Generator<Weighed> {
  const { nonces, signers, inverted, seen } = evidence;
  const signatures = new Map(seen.map((nonce) => [nonce.multiple.x, nonce]));
  const isSigner = ({ point }: ScalarFound) => signers.has(point);
  const isKey = (each: ScalarFound) => each.point.written || isSigner(each);
  const signing = new Set(scalars.filter(isSigner).map(({ material }) => material.curve));
  const keys = new Map(scalars.filter(isKey).map(({ material }) => [secretOf(material), material.curve]));
  const counts = new Map<string, number>();
  for (const { material } of scalars) counts.set(material.curve, (counts.get(material.curve) ?? 0) + 1);
  for (const found of scalars) {
    const { point, material } = found;
    if (isKey(found)) {
      yield { found };
      continue;
    }
    const other = keys.get(secretOf(material));
    if (nonces.has(point) || (other !== undefined && other !== material.curve)) continue;
    const signature = signatures.get(point.x);
    if (signature !== undefined) {
      const place = `0x${signature.offset.toString(16)}`;
      yield { found, doubt: `its x is the r of the signature at ${place}: it may be a nonce, not a key` };
    } else if (inverted.has(point) && counts.get(material.curve)! > 1)
      yield { found, doubt: 'its inverse is in the dump, as for a signature: it may be a nonce, not a key' };
    else if (signing.has(material.curve))
      yield { found, doubt: 'another key of its curve has signed: it may be a nonce, not a key' };
    else yield { found };
  }
}

const secretOf = ({ d }: ScalarFound['material']): string => Buffer.from(d.reveal()).toString('latin1');

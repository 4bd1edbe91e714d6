import { readSpki } from '../../core/asn1/spki.js';
import { inverse, lcm, toBigint } from '../../core/base/bytes/integers.js';
import type { RsaMaterial } from '../../core/model/key-material.js';
import type { KnownInteger } from '../core/known-integers.js';
import type { SearchedPublicKey } from '../core/types.js';
import { groupBy } from './group-by.js';
import type { Modulus } from './modulus.js';
import type { PlacedNumber } from './placed-number.js';
import type { FactoredModulus } from './product-join.js';
import { rsaMaterial } from './rsa-material.js';

/**
 * Public exponents in use, the most common first (NIST SP 800-57 requires 65,537; old software has 3, 17, 35,
 * 37, 257).
 */
const EXPONENTS = [65_537n, 3n, 17n, 5n, 7n, 11n, 35n, 37n, 41n, 257n, 4_097n, 0xffff_ffffn, 0x1_0000_000fn];

/** The most common exponent, then the others: most keys are done after the first round. */
export const EXPONENT_ROUNDS: readonly (readonly bigint[])[] = [EXPONENTS.slice(0, 1), EXPONENTS.slice(1)];

/** A factored modulus and its exponents. */
export interface RsaNumbers extends FactoredModulus {
  e?: bigint;
  /** A private exponent found in the dump: it determines which e is the key's. */
  privateExponent?: { name: 'd' | 'dp' | 'dq'; value: bigint };
}

/** All private exponents for the key's e; without one, for every e of `exponents`. */
export function privateExponentsOf(
  key: RsaNumbers,
  exponents: readonly bigint[],
): KnownInteger<{ key: RsaNumbers; e: bigint; name: 'd' | 'dp' | 'dq' }>[] {
  const [p, q] = [key.p.value, key.q.value];
  const lambda = lcm(p - 1n, q - 1n);
  return (key.e === undefined ? exponents : [key.e]).flatMap((e) =>
    (
      [
        ['dp', inverse(e, p - 1n)],
        ['dq', inverse(e, q - 1n)],
        ['d', inverse(e, lambda)],
        ['d', inverse(e, (p - 1n) * (q - 1n))],
      ] as const
    ).flatMap(([name, value]) => (value === undefined ? [] : [{ value, label: { key, e, name } }])),
  );
}

/** Each key with every e that a public key has with its n; unchanged if there is none. */
export function withKnownExponents(keys: readonly RsaNumbers[], moduli: readonly Modulus[]): RsaNumbers[] {
  const byModulus = groupBy(
    moduli.filter(({ assumed }) => !assumed),
    ({ n }) => n,
  );
  return keys.flatMap((key) => byModulus.get(key.n.value)?.map(({ e }) => ({ ...key, e })) ?? [key]);
}

export function materialOf({ p, q, n, e, privateExponent }: RsaNumbers): RsaMaterial {
  return rsaMaterial({
    ...{ n: n.value, e, p: p.value, q: q.value },
    ...(privateExponent ? { [privateExponent.name]: privateExponent.value } : {}),
  });
}

/**
 * Names the larger prime p: bare numbers do not show which prime their library calls p, and copies must
 * agree.
 */
export function largerPrimeFirst({ n, p, q }: FactoredModulus): RsaNumbers {
  return p.value > q.value ? { n, p, q } : { n, p: q, q: p };
}

/** The key's prime with the lower offset, which is the place of the finding. */
export function firstPlace({ p, q }: FactoredModulus): PlacedNumber {
  return p.offset <= q.offset ? p : q;
}

/** n and e of an RSA SubjectPublicKeyInfo (RFC 8017, A.1.1); undefined for other keys. */
export function rsaPublic(spki: Uint8Array): { n: bigint; e: bigint } | undefined {
  const key = readSpki(spki)?.key;
  return key?.type === 'rsa' ? { n: toBigint(key.n), e: toBigint(key.e) } : undefined;
}

/** RSA public keys, those with the most common exponent first: others may be crafted to take their place. */
export function commonExponentFirst(
  keys: readonly SearchedPublicKey[],
): (SearchedPublicKey & { shown: { n: bigint; e: bigint } })[] {
  const [common] = EXPONENTS;
  const rsaKeys = keys.flatMap((key) => {
    const shown = rsaPublic(key.spki);
    return shown === undefined ? [] : [{ ...key, shown }];
  });
  return [
    ...rsaKeys.filter(({ shown }) => shown.e === common),
    ...rsaKeys.filter(({ shown }) => shown.e !== common),
  ];
}

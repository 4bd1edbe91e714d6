import { readSpki } from '../../asn1/spki.js';
import { inverse, lcm, toBigint, toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { RsaMaterial } from '../../model/key-material.js';
import type { KnownInteger } from '../core/known-integers.js';
import type { PublicKey } from '../core/types.js';
import type { Modulus } from './modulus.js';
import type { Factored, Placed } from './product-join.js';

/** Public exponents in use, the commonest first (NIST SP 800-57 asks for 65,537; old software has 3, 17, 35, 37, 257). */
const EXPONENTS = [65_537n, 3n, 17n, 5n, 7n, 11n, 35n, 37n, 41n, 257n, 4_097n, 0xffff_ffffn, 0x1_0000_000fn];

/** Two primes and what is known beside them. */
export interface RsaFound extends Factored {
  e?: bigint;
  /** A private exponent that stands in the dump: it tells which e is the key's. */
  exponent?: { name: 'd' | 'dp' | 'dq'; value: bigint };
}

/** The commonest exponent, and the others: most keys are done with the first. */
export const USUAL: readonly (readonly bigint[])[] = [EXPONENTS.slice(0, 1), EXPONENTS.slice(1)];

/** Every private exponent that would belong to one of some public exponents, or to the one that is known. */
export function exponentsOf(
  key: RsaFound,
  some: readonly bigint[],
): KnownInteger<{ key: RsaFound; e: bigint; name: 'd' | 'dp' | 'dq' }>[] {
  const [p, q] = [key.p.value, key.q.value];
  const lambda = lcm(p - 1n, q - 1n);
  const usual = key.e === undefined ? some : [key.e];
  return usual.flatMap((e) =>
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

/** Each key with every e that a public key tells with its n; as it is where none does. */
export function withExponents(keys: readonly RsaFound[], moduli: readonly Modulus[]): RsaFound[] {
  const told = new Map<bigint, bigint[]>();
  for (const { n, e, assumed } of moduli) if (!assumed) told.set(n, [...(told.get(n) ?? []), e]);
  return keys.flatMap((key) => told.get(key.n.value)?.map((e) => ({ ...key, e })) ?? [key]);
}

/** The parts of a key as the proofs take them. */
export function rsaMaterial({ p, q, n, e, exponent }: RsaFound): RsaMaterial {
  return {
    type: 'rsa',
    n: toBytes(n.value),
    p: new Secret(toBytes(p.value)),
    q: new Secret(toBytes(q.value)),
    ...(e === undefined ? {} : { e: toBytes(e) }),
    ...(exponent === undefined ? {} : { [exponent.name]: new Secret(toBytes(exponent.value)) }),
  };
}

/**
 * p is the larger prime, whichever came first: nothing in bare numbers tells which one their library calls p, and two places
 * of one key must not name them differently.
 */
export function largestFirst({ n, p, q }: Factored): RsaFound {
  return p.value > q.value ? { n, p, q } : { n, p: q, q: p };
}

/** The first of the key's primes by place: where the finding lies. */
export function firstPlace({ p, q }: Factored): Placed {
  return p.offset <= q.offset ? p : q;
}

/** n and e of an RSA SubjectPublicKeyInfo (RFC 8017, A.1.1), or undefined where it is something else. */
export function rsaPublic(spki: Uint8Array): { n: bigint; e: bigint } | undefined {
  const key = readSpki(spki)?.key;
  return key?.type === 'rsa' ? { n: toBigint(key.n), e: toBigint(key.e) } : undefined;
}

/** RSA's, those with the exponent that nearly all have before those that somebody may have made up to be tried in their place. */
export function usualFirst(keys: readonly PublicKey[]): (PublicKey & { shown: { n: bigint; e: bigint } })[] {
  const [usual] = USUAL[0]!;
  const read = keys.flatMap((key) => {
    const shown = rsaPublic(key.spki);
    return shown === undefined ? [] : [{ ...key, shown }];
  });
  return [...read.filter(({ shown }) => shown.e === usual), ...read.filter(({ shown }) => shown.e !== usual)];
}

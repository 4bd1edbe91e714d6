import { inverse, lcm, toBytes } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { RsaMaterial } from '../../core/model/key-material.js';

export const PUBLIC_PARTS = ['n', 'e'] as const;
export const PRIVATE_PARTS = ['p', 'q', 'd', 'dp', 'dq'] as const;

/** Parts of one key as numbers. */
type RsaValues = { [K in (typeof PUBLIC_PARTS | typeof PRIVATE_PARTS)[number]]?: bigint | undefined };

export function rsaMaterial(values: RsaValues): RsaMaterial {
  const material: RsaMaterial = { type: 'rsa' };
  for (const name of PUBLIC_PARTS) {
    const value = values[name];
    if (value !== undefined) material[name] = toBytes(value);
  }
  for (const name of PRIVATE_PARTS) {
    const value = values[name];
    if (value !== undefined) material[name] = new Secret(toBytes(value));
  }
  return material;
}

/** d = e^-1 mod lcm(p_i - 1), for any number of primes; undefined if e has no inverse. */
export function privateExponent(e: bigint, primes: readonly bigint[]): bigint | undefined {
  return inverse(
    e,
    primes.reduce((lambda, prime) => lcm(lambda, prime - 1n), 1n),
  );
}

import { generatePrimeSync, getDiffieHellman, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { inverse } from '../../src/core/base/bytes/integers.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { RsaMaterial } from '../../src/core/model/key-material.js';
import { exponentiation, ProofBudget } from '../../src/prove/attempt.js';
import { prove } from '../../src/prove/prove.js';
import { lcmOf } from '../../src/prove/rsa-factor.js';
import { rsaKey, without } from './keys.js';
import { big, bytes, secret } from './numbers.js';

const { material } = rsaKey(1024);
const p = big(material.p.reveal());
const q = big(material.q.reveal());

describe('bounded work', () => {
  test('integers above 16,384 bits are rejected before any arithmetic', () => {
    const huge = new Secret(randomBytes(1 << 20));
    for (const name of ['n', 'd', 'p', 'q', 'dp'] as const)
      expect(prove({ ...material, [name]: name === 'n' ? huge.reveal() : huge })).toMatchObject({
        status: 'unproven',
        why: expect.stringContaining('16384 bits'),
      });
    // Two primes that each fit, with a product that does not.
    const long = (1n << 16_000n) - 1n;
    expect(prove({ type: 'rsa', p: secret(long), q: secret(long - 2n) }).status).not.toBe('proven');
  });

  test('n is split by its own d up to 16,384 bits, and by no other', () => {
    // Primes of RFC 3526: 6,144 and 4,096 bits.
    const [p, q] = ['modp17', 'modp16'].map((name) => BigInt(`0x${getDiffieHellman(name).getPrime('hex')}`));
    const [n, e] = [p! * q!, 65_537n];
    const d = inverse(e, (p! - 1n) * (q! - 1n))!;
    const of = (exponent: bigint): RsaMaterial => ({
      type: 'rsa',
      n: bytes(n),
      e: bytes(e),
      d: secret(exponent),
    });
    expect(prove(of(d + 2n ** 9_000n))).toMatchObject({
      status: 'unproven',
      why: expect.stringContaining('8192 bits'),
    });
    expect(prove(of(d))).toMatchObject({ status: 'proven', facts: { bits: n.toString(2).length } });
  });

  test('beyond 8,192 bits n is not split by another number than its d', () => {
    // A Mersenne number with a prime exponent: its factors exceed the small primes.
    const n = bytes((1n << 8_231n) - 1n);
    const long: RsaMaterial = { type: 'rsa', n, e: material.e, d: new Secret(n) };
    expect(prove(long)).toMatchObject({ status: 'unproven', why: expect.stringContaining('8192 bits') });
  });

  /** n = p*r^2, p, and an e nearly as long as n. No root of 1 splits the remaining r^2. */
  const squareLeft = (r: bigint): RsaMaterial => {
    const lambda = lcmOf([p, r]) * r;
    let e = (lambda >> 1n) | 1n;
    while (inverse(e, lambda) === undefined) e += 2n;
    return {
      type: 'rsa',
      n: bytes(p * r * r),
      e: bytes(e),
      d: secret(inverse(e, lambda) ?? 0n),
      p: secret(p),
    };
  };

  test('equal primes are recognised after one try', () => {
    const r = generatePrimeSync(512, { bigint: true });
    const budget = new ProofBudget(1_000);
    expect(prove(squareLeft(r), budget)).toMatchObject({
      status: 'unproven',
      why: expect.stringContaining('equal primes'),
    });
    // A primality test, and one power of 1,024 bits with an exponent of 3,000: only the first try is paid.
    expect(budget.spent).toBeLessThan(2 * exponentiation(1_024) * 4);
  });

  test('a hostile exponent with many small factors is charged by the divisors tried', () => {
    const [e, q, qinv] = [65_537n, (1n << 8_191n) + 12_345n, (1n << 8_190n) + 7n];
    let product = 1n;
    for (let i = 2n; product < 1n << 8_000n; i++) product *= i;
    let times = 1n;
    while ((product * times + 1n) % e !== 0n) times++;
    const exponent = secret((product * times + 1n) / e);
    for (const key of [
      { q: secret(q), dp: exponent },
      { p: secret(q), dq: exponent },
    ]) {
      const budget = new ProofBudget(1_000);
      expect(prove({ type: 'rsa', e: bytes(e), qinv: secret(qinv), ...key }, budget).status).not.toBe(
        'proven',
      );
      expect(budget.spent).toBeGreaterThan(500);
    }
  });

  test('a prime in place of n is recognised', () => {
    const r = generatePrimeSync(1_024, { bigint: true });
    const e = 65_537n;
    expect(
      prove({ type: 'rsa', n: bytes(r), e: bytes(e), d: secret(inverse(e, r - 1n) ?? 1n) }),
    ).toMatchObject({
      status: 'contradicted',
      why: 'n is prime',
    });
  });

  test('the rest of n over the known primes is not split beyond 8,192 bits', () => {
    const rest = (1n << 8_231n) - 1n;
    const long = { ...material, n: bytes(p * rest), d: secret(rest - 2n) };
    expect(prove(without(long, 'q', 'dp', 'dq', 'qinv'))).toMatchObject({
      status: 'unproven',
      why: expect.stringContaining('8192 bits'),
    });
  });

  test('no longer exponent is used', () => {
    const n = p * q * ((1n << 4_099n) - 1n);
    const exponent = secret((1n << 4_500n) - 1n);
    const e = bytes((1n << 4_500n) + 1n);
    for (const part of [{ d: exponent }, { dp: exponent }])
      expect(prove({ type: 'rsa', n: bytes(n), e, ...part })).toMatchObject({
        status: 'unproven',
        why: expect.stringContaining('8256 bits'),
      });
  });

  test('a split is refused if the budget is spent, and the test of the rest is charged', () => {
    const spent = new ProofBudget(0);
    for (const part of [
      without(material, 'p', 'q', 'dp', 'dq', 'qinv'),
      without(material, 'd', 'p', 'q', 'dq', 'qinv'),
    ])
      expect(prove(part, spent)).toMatchObject({
        status: 'unproven',
        why: expect.stringContaining('budget'),
      });
    const cut = without(material, 'q', 'dp', 'dq', 'qinv');
    const budget = new ProofBudget(1_000);

    prove(cut, budget);
    // q is tested twice: as the rest of n, and as a prime of the key.
    expect(budget.spent).toBeGreaterThanOrEqual(3 * 3 * exponentiation(512));
  });

  test('a modulus below 512 bits is no key', () => {
    const [r, s] = [generatePrimeSync(200, { bigint: true }), generatePrimeSync(200, { bigint: true })];
    expect(prove({ type: 'rsa', n: bytes(r * s), p: secret(r), q: secret(s) })).toMatchObject({
      status: 'unproven',
    });
  });

  test('a spent budget leaves a key undecided and is counted', () => {
    const budget = new ProofBudget(0.25);
    expect(prove(material, budget).status).toBe('unproven');
    expect(prove(material, budget)).toMatchObject({
      status: 'unproven',
      why: expect.stringContaining('budget'),
    });
    expect(budget.refused).toBe(2);
    // Proofs without cost are still decided.
    expect(prove({ ...material, n: rsaKey(1024).material.n }, budget).status).toBe('contradicted');
  });
});

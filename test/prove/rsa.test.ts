import { checkPrimeSync, createHash, generatePrimeSync, getDiffieHellman } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { inverse } from '../../src/core/base/bytes/integers.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { RsaMaterial } from '../../src/core/model/key-material.js';
import { prove } from '../../src/prove/prove.js';
import type { ProofResult } from '../../src/prove/types.js';
import fc from '../support/property.js';
import { mutated, rsaKey, without } from './keys.js';
import { big, bytes, secret } from './numbers.js';

const { material, publicKey } = rsaKey(1024);
const canonical = publicKey.export({ format: 'der', type: 'spki' });
const spkiSha256 = createHash('sha256').update(canonical).digest('hex');

const p = big(material.p.reveal());
const q = big(material.q.reveal());

describe('a whole key', () => {
  test.each([512, 1023, 2048])('of %d bits is proven by every statement', (size) => {
    const key = rsaKey(size);
    const result = prove(key.material);
    expect(result).toMatchObject({
      status: 'proven',
      facts: { algorithm: 'RSA', bits: size },
      statements: [
        'n = p*q',
        'e*d = 1 mod lcm(p-1, q-1)',
        'e*dp = 1 mod p-1',
        'e*dq = 1 mod q-1',
        'qinv*q = 1 mod p',
        'p and q are prime (Miller-Rabin, 8 rounds)',
        'a signature made with the key verifies (RSASSA-PKCS1-v1_5, SHA-256)',
      ],
    });
    if (result.status !== 'proven') return;
    expect(Buffer.from(result.canonicalSpki)).toEqual(key.publicKey.export({ format: 'der', type: 'spki' }));
  });

  test('of 5,000 bits is proven with fewer rounds, as its statement says', () => {
    const r = BigInt(`0x${getDiffieHellman('modp16').getPrime('hex')}`);
    const s = generatePrimeSync(904, { bigint: true });
    const result = prove({ type: 'rsa', n: bytes(r * s), p: secret(r) });
    expect(result).toMatchObject({
      status: 'proven',
      statements: expect.arrayContaining(['p and q are prime (Miller-Rabin, 3 rounds)']),
    });
  });

  test('with three primes is proven', () => {
    const primes = [400, 401, 402].map((size) => generatePrimeSync(size, { bigint: true }));
    const [r1 = 0n, r2 = 0n, r3 = 0n] = primes;
    const e = 65_537n;
    const inverse = (a: bigint, m: bigint) => {
      let [x, y, u, v] = [m, a % m, 0n, 1n];
      while (y > 0n) [x, y, u, v] = [y, x % y, v, u - (x / y) * v];
      return ((u % m) + m) % m;
    };
    const d = inverse(e, (r1 - 1n) * (r2 - 1n) * (r3 - 1n));
    const multi: RsaMaterial = {
      type: 'rsa',
      n: bytes(r1 * r2 * r3),
      e: bytes(e),
      d: secret(d),
      p: secret(r1),
      q: secret(r2),
      others: [{ r: secret(r3), d: secret(d % (r3 - 1n)), t: secret(inverse(r1 * r2, r3)) }],
    };
    const result = prove(multi);
    expect(result).toMatchObject({
      status: 'proven',
      statements: expect.arrayContaining([
        'n is the product of 3 primes',
        'a signature made with the key verifies (RSASSA-PKCS1-v1_5, SHA-256)',
      ]),
    });
    // The remaining parts of a cut key suffice: n and d, with or without primes; two of three primes.
    const primesIn = (proof: ProofResult) =>
      proof.status === 'proven'
        ? proof.components
            .filter(({ name }) => /^[pqr]\d?$/.test(name))
            .map(({ value }) => big(value.reveal()))
        : [];
    for (const names of [[], ['d'], ['q'], ['p', 'q']] as const) {
      const cut = names.reduce<RsaMaterial>((key, name) => without(key, name), without(multi, 'others'));
      expect([names, new Set(primesIn(prove(cut)))]).toEqual([names, new Set(primes)]);
    }
    // Nothing splits the remaining product with one prime alone.
    const alone = without(without(without(multi, 'others'), 'd'), 'q');
    expect(prove(alone)).toMatchObject({ status: 'contradicted' });
    const wrong = { ...without(multi, 'others'), q: secret(r2 + 2n) };
    expect(prove(wrong)).toMatchObject({ status: 'contradicted' });
  });

  test('lists every private component of the key', () => {
    const result = prove(material);
    if (result.status !== 'proven') throw new Error(result.why);
    const listed = new Map(result.components.map(({ name, value }) => [name, big(value.reveal())]));
    for (const name of ['p', 'q', 'dp', 'dq', 'qinv'] as const)
      expect(listed.get(name) === big(material[name].reveal())).toBe(true);
    const exponents = result.components.filter(({ name }) => name === 'd');
    expect(exponents.some(({ value }) => big(value.reveal()) === big(material.d.reveal()))).toBe(true);
    // Also d modulo (p-1)(q-1), unless it is the same number, below lcm(p-1, q-1).
    const phi = (p - 1n) * (q - 1n);
    expect(exponents.filter(({ value }) => (65_537n * big(value.reveal())) % phi === 1n)).toHaveLength(1);
    expect(exponents.length).toBeLessThanOrEqual(2);
    for (const { value } of exponents) expect((65_537n * big(value.reveal())) % (p - 1n)).toBe(1n);
  });
});

describe('a part of a key', () => {
  const cases: [name: string, part: RsaMaterial][] = [
    ['n and p', without(material, 'd', 'q', 'dp', 'dq', 'qinv')],
    ['n and q, no e', without(material, 'e', 'd', 'p', 'dp', 'dq', 'qinv')],
    ['n, e and d', without(material, 'p', 'q', 'dp', 'dq', 'qinv')],
    ['n and d, no e', without(material, 'e', 'p', 'q', 'dp', 'dq', 'qinv')],
    ['n, e and dp', without(material, 'd', 'p', 'q', 'dq', 'qinv')],
    ['n and dq, no e', without(material, 'e', 'd', 'p', 'q', 'dp', 'qinv')],
    ['p, q and dp', without(material, 'n', 'e', 'd', 'dq', 'qinv')],
    ['p, q and qinv', without(material, 'n', 'e', 'd', 'dp', 'dq')],
    ['p, q and d', without(material, 'n', 'e', 'dp', 'dq', 'qinv')],
  ];
  test.each(cases)('%s is the whole key', (_, part) => {
    const result = prove(part);
    expect(result).toMatchObject({ status: 'proven', facts: { spkiSha256 } });
    if (result.status !== 'proven') return;
    const values = result.components.map(({ value }) => big(value.reveal()));
    expect(values).toEqual(expect.arrayContaining([p, q]));
    expect(result.statements.includes('e = 65537 assumed')).toBe(!part.e && !(part.d && part.p));
  });

  test('two primes alone prove nothing, but n is computed', () => {
    const result = prove(without(material, 'n', 'e', 'd', 'dp', 'dq', 'qinv'));
    expect(result).toMatchObject({
      status: 'unproven',
      facts: { spkiSha256 },
      pending: { statement: 'n = p*q' },
    });
    expect(prove(without(material, 'e', 'd', 'p', 'q', 'dp', 'dq', 'qinv'))).toMatchObject({
      status: 'unproven',
    });
    expect(prove({ type: 'rsa' })).toMatchObject({ status: 'unproven' });
  });

  test('of a key with e = 3: proven with e, undecided without, never contradicted', () => {
    const three = rsaKey(1024, 3).material;
    expect(prove(without(three, 'p', 'q', 'dp', 'dq', 'qinv'))).toMatchObject({ status: 'proven' });
    // d and the primes determine e.
    expect(prove(without(three, 'e'))).toMatchObject({ status: 'proven', facts: { bits: 1024 } });
    for (const part of [
      without(three, 'e', 'p', 'q', 'dp', 'dq', 'qinv'),
      without(three, 'e', 'd', 'p', 'q', 'dq', 'qinv'),
      without(three, 'e', 'd'),
    ])
      expect(prove(part)).toMatchObject({ status: 'unproven', why: expect.stringContaining('assumed') });
  });
});

describe('parts that contradict each other', () => {
  const other = rsaKey(1024).material;
  const ones = (length: number) => Buffer.alloc(length, 0xff);
  const composite = generatePrimeSync(256, { bigint: true }) * generatePrimeSync(256, { bigint: true });
  const smooth = 1009n * generatePrimeSync(502, { bigint: true });
  const cases: [name: string, forged: RsaMaterial, why: RegExp][] = [
    ['n of another key', { ...material, n: other.n }, /product/],
    ['p of another key', { ...material, p: other.p }, /product/],
    ['d of another key', { ...material, d: other.d }, /e\*d/],
    ['dp in place of dq', { ...material, dq: material.dp }, /e\*dq/],
    ['p and q exchanged', { ...material, p: material.q, q: material.p }, /e\*dp/],
    ['qinv of another key', { ...material, qinv: other.qinv }, /qinv/],
    ['an even modulus', { ...material, n: bytes(2n * p * q) }, /even/],
    ['all ones', { type: 'rsa', n: ones(128), e: material.e, d: new Secret(ones(128)) }, /factor/],
    [
      'all ones as primes',
      { type: 'rsa', n: bytes(big(ones(64)) ** 2n), p: new Secret(ones(64)), q: new Secret(ones(64)) },
      /equal/,
    ],
    ['p = q', { type: 'rsa', n: bytes(p * p), e: material.e, p: material.p }, /equal/],
    ['p = 1', { ...without(material, 'd', 'q', 'dp', 'dq', 'qinv'), p: secret(1n) }, /p does not divide/],
    ['p = n', { ...without(material, 'd', 'q', 'dp', 'dq', 'qinv'), p: secret(p * q) }, /p does not divide/],
    [
      'p that does not divide n',
      { ...without(material, 'd', 'q', 'dp', 'dq', 'qinv'), p: other.p },
      /p does not divide/,
    ],
    ['a small factor', { type: 'rsa', n: bytes(p * smooth), e: material.e, p: material.p }, /factor 1009/],
    [
      'a composite p',
      { type: 'rsa', n: bytes(p * composite), e: material.e, p: material.p },
      /q is not prime/,
    ],
    [
      'two factors and their product as scratch',
      { type: 'rsa', n: bytes(composite * p * q), e: material.e, p: secret(composite), q: secret(p * q) },
      /not prime/,
    ],
    ['e = 1', { ...material, e: Buffer.of(1) }, /odd number/],
    ['e even', { ...material, e: bytes(65_536n) }, /odd number/],
    ['e of n', { ...material, e: material.n }, /smaller/],
    ['d of zero', { ...material, d: new Secret(Buffer.alloc(128)) }, /zero/],
    [
      'd of another key, without primes',
      { ...without(material, 'p', 'q', 'dp', 'dq', 'qinv'), d: other.d },
      /mod n|even/,
    ],
    [
      'dp of another key, alone',
      { ...without(material, 'd', 'p', 'q', 'dq', 'qinv'), dp: other.dp },
      /does not belong/,
    ],
    [
      'primes and a d to which no e belongs',
      { ...without(material, 'e', 'dp', 'dq', 'qinv'), d: new Secret(mutated(material.d.reveal(), 3, 2)) },
      /no public exponent/,
    ],
  ];
  test.each(cases)('%s', (_, forged, why) => {
    expect(prove(forged)).toMatchObject({ status: 'contradicted', why: expect.stringMatching(why) });
  });

  test('a contradicted key is still identified by its public half', () => {
    expect(prove({ ...material, d: other.d })).toMatchObject({
      status: 'contradicted',
      facts: { spkiSha256 },
    });
  });

  test('no part with one byte changed is proven, unless e was never compared with anything', () => {
    const parts = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qinv'] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.nat(1023),
        fc.integer({ min: 1, max: 255 }),
        (name, at, mask) => {
          const value = material[name];
          const forged =
            value instanceof Secret
              ? new Secret(mutated(value.reveal(), at, mask))
              : mutated(value, at, mask);
          expect(prove({ ...material, [name]: forged }).status).not.toBe('proven');
          // n and p alone: any e coprime to p-1 and q-1 makes a valid key.
          if (name === 'n' || name === 'p')
            expect(
              prove({ ...without(material, 'd', 'q', 'dp', 'dq', 'qinv'), [name]: forged }).status,
            ).not.toBe('proven');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('composites constructed to pass as primes', () => {
  /**
   * At least three quarters of the bases are witnesses. Every base coprime to the first passes its Fermat
   * test.
   */
  const composites: [name: string, factors: bigint[]][] = [
    ['a number of Carmichael', [6n, 12n, 18n].map((times) => times * (2n ** 167n + 293_533n) + 1n)],
    ['(k + 1)(2k + 1)', [1n, 2n].map((times) => times * (2n ** 255n + 63_928n) + 1n)],
  ];
  test.each(composites)('%s as p: everything else holds, and nothing is proven', (_, factors) => {
    for (const factor of factors) expect(checkPrimeSync(factor)).toBe(true);
    const made = factors.reduce((product, factor) => product * factor, 1n);
    const e = 65_537n;
    const d = inverse(e, (made - 1n) * (q - 1n))!;
    const forged: RsaMaterial = {
      type: 'rsa',
      n: bytes(made * q),
      e: bytes(e),
      ...{
        d: secret(d),
        p: secret(made),
        q: secret(q),
        dp: secret(d % (made - 1n)),
        dq: secret(d % (q - 1n)),
      },
      qinv: secret(inverse(q, made)!),
    };
    for (const part of [
      forged,
      without(forged, 'd', 'dp', 'dq', 'qinv'),
      without(forged, 'd', 'q', 'dp', 'dq', 'qinv'),
    ])
      expect(prove(part)).toMatchObject({ status: 'contradicted', why: expect.stringContaining('prime') });
  });
});

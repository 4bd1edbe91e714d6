import { createECDH, createPrivateKey, ECDH, generateKeyPairSync, getCurves } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CURVES } from '../../src/core/asn1/curves.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { prove } from '../../src/prove/prove.js';
import fc from '../support/property.js';
import { ecKey, mutated, okpKey, without } from './keys.js';

const OKP = ['Ed25519', 'Ed448', 'X25519', 'X448'] as const;

describe('EC', () => {
  test.each(
    CURVES.filter(({ openssl }) => getCurves().includes(openssl)).map((row) => [row.name, row] as const),
  )('%s: d*G = Q, and no other Q', (name, row) => {
    const ecdh = createECDH(row.openssl);
    const point = ecdh.generateKeys();
    const d = new Secret(ecdh.getPrivateKey());
    const result = prove({ type: 'ec', curve: name, d, point });
    expect(result).toMatchObject({
      status: 'proven',
      statements: ['d*G = Q'],
      facts: { curve: name, bits: row.bits },
    });
    const compressed = ECDH.convertKey(point, row.openssl, undefined, undefined, 'compressed') as Buffer;
    expect(prove({ type: 'ec', curve: name, d, point: compressed })).toMatchObject({ status: 'proven' });
    const stranger = createECDH(row.openssl).generateKeys();
    expect(prove({ type: 'ec', curve: name, d, point: stranger })).toMatchObject({
      status: 'contradicted',
      why: 'd*G is not Q',
    });
  });

  test('a scalar alone is not proven, but Q is computed', () => {
    const { material, publicKey } = ecKey('P-256');
    const result = prove(without(material, 'point'));
    expect(result).toMatchObject({ status: 'unproven', pending: { statement: 'd*G = Q' } });
    if (result.status !== 'unproven') return;
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    expect(result.facts?.spki).toBe(spki.toString('base64'));
    expect(Buffer.from(result.pending?.canonicalSpki ?? [])).toEqual(spki);
  });

  const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
  const cases: [string, string, string][] = [
    ['zero', '00', 'contradicted'],
    ['one', '01', 'unproven'],
    ['below 64 bits', 'ffffffffffffff', 'unproven'],
    ['the order', order, 'contradicted'],
    ['all ones', 'ff'.repeat(32), 'contradicted'],
    ['longer than the order', `01${'00'.repeat(32)}`, 'contradicted'],
  ];
  test.each(cases)('d of %s', (_, hex, status) => {
    expect(prove({ type: 'ec', curve: 'P-256', d: new Secret(Buffer.from(hex, 'hex')) }).status).toBe(status);
  });

  const n = BigInt(`0x${order}`);
  test.each([
    ['-1', n - 1n],
    ['1/2', (n + 1n) / 2n],
    ['2^200', 1n << 200n],
    ['R mod n', (1n << 256n) % n],
  ])('d of %s, a public constant, is not proven by its own point', (_, value) => {
    const d = Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(d);
    const forged = { type: 'ec', curve: 'P-256', d: new Secret(d), point: ecdh.getPublicKey() } as const;
    expect(prove(forged).status).toBe('unproven');
  });

  test('order - d, which has the same x, is distinguished from d', () => {
    const { material } = ecKey('P-256');
    const negative = BigInt(`0x${order}`) - BigInt(`0x${Buffer.from(material.d.reveal()).toString('hex')}`);
    const d = new Secret(Buffer.from(negative.toString(16).padStart(64, '0'), 'hex'));
    expect(prove({ ...material, d }).status).toBe('contradicted');
  });

  test('a key on an unknown curve is undecided', () => {
    expect(prove({ type: 'ec', curve: 'P-257', d: new Secret(Buffer.alloc(32, 7)) }).status).toBe('unproven');
  });

  test('one byte changed anywhere: never proven', () => {
    const { material } = ecKey('P-384');
    fc.assert(
      fc.property(fc.boolean(), fc.nat(97), fc.integer({ min: 1, max: 255 }), (scalar, at, mask) => {
        const forged = scalar
          ? { ...material, d: new Secret(mutated(material.d.reveal(), at, mask)) }
          : { ...material, point: mutated(material.point, at, mask) };
        // A compressed or hybrid point with the same x is the same Q (SEC 1, 2.3.3): a change of the form
        // octet is valid.
        if (!scalar && at % 97 === 0 && (mask === 2 || mask === 3)) return;
        expect(prove(forged).status).not.toBe('proven');
      }),
      { numRuns: 150 },
    );
  });
});

describe('RFC 8032 and RFC 7748 curves', () => {
  test.each(OKP)('%s: the public key of the seed matches', (curve) => {
    const { material, publicKey } = okpKey(curve);
    const result = prove(material);
    expect(result).toMatchObject({ status: 'proven', facts: { algorithm: curve } });
    if (result.status !== 'proven') return;
    expect(Buffer.from(result.canonicalSpki)).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    expect(result.components.map(({ name }) => name)).toEqual(['seed']);
    expect(prove(without(material, 'public'))).toMatchObject({
      status: 'unproven',
      pending: { statement: 'the seed gives the public key' },
      facts: { spkiSha256: result.facts.spkiSha256 },
    });
  });

  test.each(OKP)(
    '%s: one byte changed is never proven, but for the bits that X25519 and X448 clamp',
    (curve) => {
      const { material } = okpKey(curve);
      const length = material.public.length;
      // RFC 7748, section 5: these bits of the scalar are set or cleared before use.
      const clamped = {
        Ed25519: [],
        Ed448: [],
        X25519: [
          [0, 0x07],
          [31, 0xc0],
        ],
        X448: [
          [0, 0x03],
          [55, 0x80],
        ],
      }[curve];
      fc.assert(
        fc.property(fc.boolean(), fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), (seed, at, mask) => {
          const unused = clamped.find(([byte]) => byte === at)?.[1] ?? 0;
          if (seed && (mask & ~unused) === 0) return;
          const forged = seed
            ? { ...material, seed: new Secret(mutated(material.seed.reveal(), at, mask)) }
            : { ...material, public: mutated(material.public, at, mask) };
          expect(prove(forged).status).toBe('contradicted');
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each([
    ['too short', 31, 'contradicted'],
    ['too long', 33, 'contradicted'],
  ])('a seed that is %s', (_, length, status) => {
    expect(prove({ type: 'okp', curve: 'Ed25519', seed: new Secret(Buffer.alloc(length, 9)) }).status).toBe(
      status,
    );
  });

  test('a fill pattern is no seed', () => {
    expect(prove({ type: 'okp', curve: 'X25519', seed: new Secret(Buffer.alloc(32)) }).status).toBe(
      'unproven',
    );
  });
});

describe('DSA', () => {
  /** The INTEGERs of a PKCS#8 DSA key in order, by a reader of this test. */
  function integersOf(der: Buffer): Buffer[] {
    const found: Buffer[] = [];
    const walk = (at: number, end: number): void => {
      for (let i = at; i < end; ) {
        const tag = der[i] ?? 0;
        let length = der[i + 1] ?? 0;
        let start = i + 2;
        if (length > 0x80) {
          const octets = length & 0x7f;
          length = der.readUIntBE(start, octets);
          start += octets;
        }
        if (tag === 2)
          found.push(der.subarray(der[start] === 0 && length > 1 ? start + 1 : start, start + length));
        else if (tag === 0x30 || tag === 4) walk(start, start + length);
        i = start + length;
      }
    };
    walk(0, der.length);
    return found;
  }
  const pair = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const [, p = Buffer.alloc(0), q = Buffer.alloc(0), g = Buffer.alloc(0), x = Buffer.alloc(0)] = integersOf(
    createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })).export({
      format: 'der',
      type: 'pkcs8',
    }),
  );
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  const bit = spki.lastIndexOf(Buffer.from([0x00, 0x02, 0x81]));
  const y = spki.subarray((spki[bit + 4] ?? 0) === 0 ? bit + 5 : bit + 4);
  const material = { type: 'dsa', p, q, g, y, x: new Secret(x) } as const;

  test('is proven by q | p-1 and g^x = y', () => {
    const result = prove(material);
    expect(result).toMatchObject({
      status: 'proven',
      facts: { algorithm: 'DSA', bits: 1024, spki: spki.toString('base64') },
      statements: [
        'q divides p-1',
        'g^q = 1 mod p',
        'g^x = y mod p',
        'q and p are prime (Miller-Rabin, 8 rounds)',
      ],
    });
  });

  test('one byte changed anywhere: never proven', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('p', 'q', 'g', 'y', 'x'),
        fc.nat(127),
        fc.integer({ min: 1, max: 255 }),
        (name, at, mask) => {
          const forged =
            name === 'x'
              ? { ...material, x: new Secret(mutated(x, at, mask)) }
              : { ...material, [name]: mutated(material[name as 'p' | 'q' | 'g' | 'y'], at, mask) };
          expect(prove(forged).status).not.toBe('proven');
        },
      ),
      { numRuns: 100 },
    );
  });

  test('lengths outside FIPS 186-4 are rejected before any arithmetic', () => {
    expect(prove({ ...material, p: Buffer.alloc(1 << 20, 0xff) }).status).toBe('unproven');
    expect(prove({ ...material, x: new Secret(Buffer.alloc(1 << 20, 0xff)) }).status).toBe('contradicted');
  });
});

test('a symmetric key is not proven and keeps its algorithm', () => {
  expect(prove({ type: 'oct', k: new Secret(Buffer.alloc(32, 5)) })).toMatchObject({
    status: 'unproven',
    facts: { algorithm: 'oct', bits: 256 },
  });
});

import { createECDH, createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { isTrivial } from '../../src/core/asn1/trivial-scalar.js';
import { WRITERS } from '../support/number-writers.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { heapOf, LAYOUTS, Memory } from './memory.js';
import { ecFrom, ed25519From } from './seeded.js';

const OPENSSL: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

function ecKey(name: string, seed: string) {
  const { size } = DOMAINS.find((domain) => domain.name === name)!;
  return ecFrom(seed, name, OPENSSL[name] ?? name, size);
}

const toWords = (value: Buffer, unit: number) =>
  Buffer.concat([Buffer.alloc((unit - (value.length % unit)) % unit), value]);
const layout = (name: string, value: Buffer) =>
  LAYOUTS[name]!(name === 'bytes-be' ? value : toWords(value, name === 'limbs-le' ? 8 : 4));

function montgomery(name: string, value: Buffer): Buffer {
  const { p } = DOMAINS.find((domain) => domain.name === name)!;
  const width = Math.ceil(value.length / 8) * 8;
  const scaled = (BigInt(`0x${value.toString('hex')}`) << BigInt(width * 8)) % p;
  return Buffer.from(scaled.toString(16).padStart(width * 2, '0'), 'hex').reverse();
}

/** An uncompressed point after the end of a BIT STRING header. */
const uncompressed = (x: Buffer, y: Buffer) => Buffer.concat([Buffer.of(1, 2, 0, 4), x, y]);

const heap = (seed: string, chunks: readonly Buffer[]) => heapOf(seed, chunks, 5);

describe.each(DOMAINS.filter(({ size }) => size % 8 === 0).map(({ name }) => name))('%s', (name) => {
  test.each(['limbs-le', 'bytes-be'])(
    'a scalar as %s between freed numbers near its point is found',
    (form) => {
      const { key, d, x, y } = ecKey(name, `${form} among freed`);
      // As with jemalloc, which has no headers: adjacent chunks of one size, of which two were used before.
      const random = new SeededRandom(`${name} ${form} among freed`);
      const chunk = Buffer.concat([random.bytes(16), layout(form, d), random.bytes(32)]);
      const memory = heap(`${name} ${form} among freed`, [chunk, montgomery(name, x), montgomery(name, y)]);
      const offset = memory.indexOf(chunk) + 16;
      expect(describeAll(searchBytes(memory))).toEqual([{ spki: spkiOf(key), encoding: form, offset }]);
    },
  );
});

describe.each(DOMAINS.map(({ name }) => name))('%s', (name) => {
  test('has the order that OpenSSL uses', () => {
    const { n, x, size } = DOMAINS.find((domain) => domain.name === name)!;
    const ecdh = createECDH(OPENSSL[name] ?? name);
    const scalar = (value: bigint) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
    // The negative generator has the same x, and there is no larger scalar.
    ecdh.setPrivateKey(scalar(n - 1n));
    expect(ecdh.getPublicKey().subarray(1, 1 + size)).toEqual(scalar(x));
    expect(() => ecdh.setPrivateKey(scalar(n))).toThrow();
  });

  test.each([
    ['digits30-le32', 'the same digits'],
    ['digits30-le32', 'uncompressed'],
    ['digits60-le64', 'the same digits'],
    ['digits60-le64', 'uncompressed'],
  ] as const)('gives its key from a scalar as %s and its point in %s', (form, how) => {
    const { key, d, x, y } = ecKey(name, `${form} ${how}`);
    const written = (value: Buffer) => WRITERS[form](BigInt(`0x${value.toString('hex')}`));
    const shown = how === 'uncompressed' ? [uncompressed(x, y)] : [written(x), written(y)];
    const memory = heap(`${name} ${form} ${how}`, [written(d), ...shown]);
    const found = searchBytes(memory);
    const offset = memory.indexOf(written(d));
    expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: form, offset }]);
    expect(found.candidates[0]!.length).toBe(written(d).length);
    expect(found.limits).toEqual([]);
  });

  const FORMS = {
    'limbs-le': ['montgomery', 'big'],
    'bytes-be': ['plain', 'uncompressed'],
    'int32-msw': ['java'],
  };

  test.each(Object.keys(FORMS) as (keyof typeof FORMS)[])(
    'a scalar as %s is found with any form of the point',
    (form) => {
      const { key, d, x, y } = ecKey(name, `${form} scalar`);
      const points = {
        plain: [layout('limbs-le', x), layout('limbs-le', y)],
        java: [layout('int32-msw', x), layout('int32-msw', y)],
        big: [layout('bytes-be', x), layout('bytes-be', y)],
        montgomery: [montgomery(name, x), montgomery(name, y)],
        uncompressed: [uncompressed(x, y)],
      };
      for (const [how, coordinates] of Object.entries(points)) {
        const found = searchBytes(heap(`${name} ${form} ${how}`, [layout(form, d), ...coordinates]));
        expect([how, describeAll(found)]).toEqual([
          how,
          [{ spki: spkiOf(key), encoding: form, offset: expect.any(Number) }],
        ]);
        expect(found.limits).toEqual([]);
      }
    },
  );

  test('a compressed point suffices next to another point of the curve, x alone does not', () => {
    const { key, d, x, y } = ecKey(name, 'compressed');
    const other = ecKey(name, 'not compressed');
    const parity = y.at(-1)! & 1;
    const found = (head: Buffer, after: Buffer = Buffer.alloc(0)) => {
      const chunks = [uncompressed(other.x, other.y), layout('limbs-le', d), Buffer.concat([head, x, after])];
      return describeAll(searchBytes(heap(`${name} compressed`, chunks))).map(({ spki }) => spki);
    };
    const own = spkiOf(key);
    // The data after it could be s of a signature.
    const s = ecKey(name, 'behind').d;
    expect(found(Buffer.of(1, 2, 0x80, 3, 4, 5, 0, 2 + parity), s)).toEqual([spkiOf(key)]);
    for (const ahead of [0, x.length + 1])
      expect(found(Buffer.of(1, 2, 0x80, 3, 4, 5, ahead, 2 + parity))).toEqual([spkiOf(key)]);
    // Its negative is the public key of n - d.
    expect(found(Buffer.of(1, 2, 0x80, 3, 4, 5, 0, 3 - parity))).toEqual([expect.not.stringContaining(own)]);
    expect(found(Buffer.of(1, 2, 0x80, 3, 4, 5, 6, 2 + parity))).toEqual([]);
  });

  test('a compressed point among adjacent ones, each in whole words, suffices', () => {
    const { key, d, x, y } = ecKey(name, 'side by side');
    const other = ecKey(name, 'another');
    const point = (parity: number) => Buffer.concat([Buffer.of(2 + parity), x]);
    const inWords = (octets: Buffer, fill: number) =>
      Buffer.concat([octets, Buffer.alloc(-octets.length & 7, fill)]);
    const found = (shown: Buffer) => {
      const row = Buffer.concat([other.x.subarray(0, 32), shown, other.y.subarray(0, 32)]);
      const chunks = [uncompressed(other.x, other.y), layout('limbs-le', d), row];
      return describeAll(searchBytes(heap(`${name} side by side`, chunks))).map(({ spki }) => spki);
    };
    const parity = y.at(-1)! & 1;
    expect(found(inWords(point(parity), 0))).toEqual([spkiOf(key)]);
    expect(found(inWords(point(1 - parity), 0))).toEqual([expect.not.stringContaining(spkiOf(key))]);
    expect(found(inWords(point(parity), 0x91))).toEqual([]);
    expect(found(Buffer.concat([Buffer.alloc(8 - (point(parity).length & 7), 0x91), point(parity)]))).toEqual(
      [],
    );
  });

  // Code that hashes a public key writes x before another number, like the start of a signature.
  test('x as the r of a signature makes a key doubtful, unless its compressed point is elsewhere', () => {
    const { key, d, x, y } = ecKey(name, 'hashed');
    const hashed = Buffer.concat([layout('bytes-be', x), layout('bytes-be', ecKey(name, 'behind it').d)]);
    const found = (...shown: Buffer[]) => {
      const chunks = [layout('limbs-le', d), layout('limbs-le', x), layout('limbs-le', y), hashed, ...shown];
      const all = searchBytes(heap(`${name} hashed`, chunks));
      expect(describeAll(all).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
      return all.candidates[0]!.doubt;
    };
    expect(found()).toMatch(/^its x is the r of the signature at 0x/);
    const compressed = Buffer.concat([Buffer.of(1, 2, 0x80, 3, 4, 5, 0, 2 + (y.at(-1)! & 1)), x]);
    expect(found(compressed)).toBeUndefined();
  });

  test('a point in Jacobian coordinates suffices', () => {
    const { key, d, x, y } = ecKey(name, 'jacobian');
    const { p, size } = DOMAINS.find((domain) => domain.name === name)!;
    const number = (value: Buffer) => BigInt(`0x${value.toString('hex')}`);
    const octets = (value: bigint) => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
    const z = number(ecKey(name, 'z').x);
    const [X, Y] = [(number(x) * z * z) % p, (number(y) * z ** 3n) % p];
    const chunks = [X, number(ecKey(name, 'other').x), Y, z].map((value) => montgomery(name, octets(value)));
    const memory = new Memory();
    memory.noise(new SeededRandom(`${name} jacobian`), 20, 4);
    memory.chunk(layout('limbs-le', d));
    for (const chunk of chunks) memory.chunk(chunk);
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('a scalar in Montgomery form is found', () => {
    const { n } = DOMAINS.find((domain) => domain.name === name)!;
    const { key, d, x, y } = ecKey(name, 'montgomery scalar');
    const width = Math.ceil(d.length / 8) * 8;
    const scaled = (BigInt(`0x${d.toString('hex')}`) << BigInt(width * 8)) % n;
    const words = Buffer.from(scaled.toString(16).padStart(width * 2, '0'), 'hex').reverse();
    const dump = heap(`${name} montgomery scalar`, [words, uncompressed(x, y)]);
    expect(describeAll(searchBytes(dump))).toEqual([
      { spki: spkiOf(key), encoding: 'mont-le', offset: dump.indexOf(words) },
    ]);
  });

  test('the order minus the scalar is found, before the scalar or alone', () => {
    const { n, size } = DOMAINS.find((domain) => domain.name === name)!;
    const { key, d, x, y } = ecKey(name, 'negated');
    const other = n - BigInt(`0x${d.toString('hex')}`);
    const negated = layout('limbs-le', Buffer.from(other.toString(16).padStart(2 * size, '0'), 'hex'));
    const point = uncompressed(x, y);
    for (const scalars of [[negated, layout('limbs-le', d)], [negated]]) {
      const dump = heap(`${name} negated`, [...scalars, point]);
      const found = searchBytes(dump);
      const offset = dump.indexOf(negated);
      expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: 'limbs-le', offset }]);
      expect(found.candidates[0]!.evidence).toEqual(['the number here is the group order minus d']);
    }
  });

  test('a scalar is found by a public key from elsewhere in the artifact', () => {
    const { key, d } = ecKey(name, 'shown');
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    const dump = heap(`${name} shown`, [layout('limbs-le', d)]);
    expect(describeAll(searchBytes(dump))).toEqual([]);
    expect(describeAll(searchBytes(dump, { publicKeys: [{ spki }] })).map((each) => each.spki)).toEqual([
      spkiOf(key),
    ]);
  });
});

describe('trivial scalars are not keys', () => {
  const CASES = DOMAINS.flatMap(({ name, n }) => {
    const width = BigInt(Math.ceil(n.toString(16).length / 16) * 64);
    const cases: [string, string, bigint][] = [
      [name, 'R mod n', 2n ** width % n],
      [name, 'R^2 mod n', 2n ** (2n * width) % n],
      [name, 'one half', (n + 1n) / 2n],
      [name, 'minus seven halves', n - ((((n + 1n) / 2n) * 7n) % n)],
    ];
    return cases;
  });
  // GLV's cube root of one modulo the order (libsecp256k1, scalar_impl.h).
  const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;

  test.each([...CASES, ['secp256k1', 'a cube root of one', LAMBDA] as const])('%s: %s', (name, _, scalar) => {
    const { n, size } = DOMAINS.find((domain) => domain.name === name)!;
    const octets = (value: bigint) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
    const shown = (value: bigint) => {
      const ecdh = createECDH(OPENSSL[name] ?? name);
      ecdh.setPrivateKey(octets(value));
      const point = ecdh.getPublicKey();
      const coordinates = [point.subarray(1, 1 + size), point.subarray(1 + size)];
      const numbers = [octets(value), ...coordinates].map((each) => layout('limbs-le', each));
      return describeAll(searchBytes(heap(`${name} ${value % 1009n}`, numbers)));
    };
    expect(isTrivial(scalar, n)).toBe(true);
    expect(shown(scalar)).toEqual([]);
    const other = BigInt(`0x${ecKey(name, 'no constant').d.toString('hex')}`);
    expect(isTrivial(other, n)).toBe(false);
    expect(shown(other).length).toBe(1);
  });
});

describe('P-384', () => {
  test('a scalar after a pointer within its run is found', () => {
    const { key, d, x, y } = ecKey('P-384', 'bridged');
    const pointer = Buffer.from('58d742ff91550000', 'hex');
    const before = new SeededRandom('bridged').bytes(40);
    const point = Buffer.concat([Buffer.of(4), x, y]);
    const dump = heap('bridged', [Buffer.concat([before, pointer, layout('limbs-le', d)]), point]);
    expect(describeAll(searchBytes(dump))).toEqual([
      { spki: spkiOf(key), encoding: 'limbs-le', offset: dump.indexOf(layout('limbs-le', d)) },
    ]);
  });
});

test('coordinates of a table of points are tried as scalars after all other numbers', () => {
  const { key, d, x, y } = ecKey('brainpoolP512r1', 'behind a table');
  const ecdh = createECDH('brainpoolP512r1');
  const memory = new Memory();
  const random = new SeededRandom('table');
  for (let i = 0; i < 126; i++) {
    ecdh.setPrivateKey(Buffer.concat([Buffer.alloc(1), random.bytes(63)]));
    const point = ecdh.getPublicKey();
    for (const half of [point.subarray(1, 65), point.subarray(65)]) memory.chunk(layout('limbs-le', half));
  }
  memory.chunk(layout('limbs-le', d));
  memory.chunk(uncompressed(x, y));
  const found = searchBytes(memory.bytes(), {}, false, undefined, 0.02);
  expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  // The points of the table have no key.
  expect(found.limits.map(({ search, target }) => `${search} ${target}`)).toContain('ec-scalars blind');
});

test.each(['limbs-le', 'bytes-be'])(
  'secp256k1: a scalar as %s is found with only its compressed point in memory',
  (form) => {
    const { key, d, x, y } = ecKey('secp256k1', `nothing but ${form}`);
    const shown = Buffer.concat([Buffer.of(2 + (y.at(-1)! & 1)), x]);
    const found = searchBytes(heap(`nothing but ${form}`, [layout(form, d), shown]));
    expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: form, offset: expect.any(Number) }]);
    expect(found.limits).toEqual([]);
  },
);

test('secp256k1, compressed point only: without a budget a key after many numbers is found', () => {
  const { key, d, x, y } = ecKey('secp256k1', 'behind many');
  const memory = new Memory();
  memory.filler(512);
  memory.noise(new SeededRandom('many others'), 8600, 4);
  memory.chunk(layout('bytes-be', d));
  memory.chunk(Buffer.concat([Buffer.of(2 + (y.at(-1)! & 1)), x]));
  const usual = searchBytes(memory.bytes());
  expect(describeAll(usual)).toEqual([]);
  expect(usual.limits.map(({ search }) => search)).toContain('ec-scalars without a point');
  expect(describeAll(searchBytes(memory.bytes(), {}, true)).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
});

test('secp256k1, compressed point only: a key with its own header or in hexadecimal is found', () => {
  const { key, d, x, y } = ecKey('secp256k1', 'in a crowd');
  const random = new SeededRandom('crowd');
  const crowd = Buffer.concat(
    Array.from({ length: 9000 }, () =>
      Buffer.concat([Buffer.from('7856341200000000', 'hex'), random.bytes(32)]),
    ),
  );
  for (const [value, encoding] of [
    [layout('bytes-be', d), 'bytes-be'],
    [Buffer.from(`${d.toString('hex')}\0`), 'hex'],
  ] as const) {
    const memory = new Memory();
    memory.chunk(value);
    memory.chunk(crowd);
    memory.chunk(Buffer.concat([Buffer.of(2 + (y.at(-1)! & 1)), x]));
    expect(describeAll(searchBytes(memory.bytes())).map((each) => [each.spki, each.encoding])).toEqual([
      [spkiOf(key), encoding],
    ]);
  }
});

describe('Ed25519', () => {
  const privateKey = ed25519From('seed');
  const publicKey = createPublicKey(privateKey);
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url');
  const shown = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');

  test.each([0, 1, 5])('a seed is found with its public key at %i mod 8', (shift) => {
    const dump = heap(`ed ${shift}`, [seed, Buffer.concat([Buffer.alloc(shift, 0x91), shown])]);
    expect(describeAll(searchBytes(dump)).map(({ spki, encoding }) => [spki, encoding])).toEqual([
      [spkiOf(privateKey), 'bytes-be'],
    ]);
  });

  test('a seed is found next to its public key, or by a certificate', () => {
    const turned = heap('ed turned', [Buffer.concat([shown, seed])]);
    expect(describeAll(searchBytes(turned)).map(({ spki }) => spki)).toEqual([spkiOf(privateKey)]);
    expect(
      describeAll(searchBytes(heap('ed both', [Buffer.concat([seed, shown])]))).map(({ spki }) => spki),
    ).toEqual([spkiOf(privateKey)]);
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    expect(describeAll(searchBytes(heap('ed spki', [seed]), { publicKeys: [{ spki }] }))).toHaveLength(1);
    expect(describeAll(searchBytes(heap('ed alone', [seed])))).toEqual([]);
  });
});

describe('numbers that are not keys', () => {
  test('a generator and related values', () => {
    for (const { name, x, y, size } of DOMAINS) {
      const [gx, gy] = [x, y].map((value) => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex'));
      const chunks = [
        layout('limbs-le', gx!),
        layout('limbs-le', gy!),
        montgomery(name, gx!),
        montgomery(name, gy!),
      ];
      expect(describeAll(searchBytes(heap(`generator ${name}`, chunks)))).toEqual([]);
    }
  });

  test('a number whose point is the r of a signature and not a public key may be a nonce', () => {
    const { d: k, x, y } = ecKey('P-256', 'nonce');
    const r = x[0]! >= 0x80 ? Buffer.concat([Buffer.of(2, 33, 0), x]) : Buffer.concat([Buffer.of(2, 32), x]);
    const s = Buffer.concat([Buffer.of(2, 32), new SeededRandom('s').bytes(32)]);
    const signature = Buffer.concat([Buffer.of(0x30, r.length + s.length), r, s]);
    const coordinates = [layout('limbs-le', x), layout('limbs-le', y)];
    const doubts = (...chunks: Buffer[]) =>
      searchBytes(heap('nonce', [layout('limbs-le', k), ...coordinates, ...chunks])).candidates.map(
        ({ doubt }) => doubt !== undefined,
      );
    expect(doubts(signature)).toEqual([true]);
    // Without the signature it looks like a key.
    expect(doubts()).toEqual([false]);
  });
});

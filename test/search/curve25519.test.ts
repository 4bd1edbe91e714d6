import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { WEI25519 } from '../../src/core/asn1/domain.js';
import fc from '../support/property.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ed25519From } from './seeded.js';

const half = (key: KeyObject, name: 'd' | 'x') =>
  Buffer.from(key.export({ format: 'jwk' })[name]!, 'base64url');

function x25519From(seed: string): KeyObject {
  const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
  const key = Buffer.concat([pkcs8, new SeededRandom(`x25519 ${seed}`).bytes(32)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function clamp(scalar: Buffer): Buffer {
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return scalar;
}

/** The scalar of an Ed25519 key, as clamped and modulo the order, little-endian. */
function expand(key: KeyObject) {
  const hash = createHash('sha512').update(half(key, 'd')).digest();
  const clamped = clamp(hash.subarray(0, 32));
  const value = BigInt(`0x${Buffer.from(clamped).reverse().toString('hex')}`) % WEI25519.n;
  const reduced = Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
  return { clamped, reduced, prefix: hash.subarray(32) };
}

/** `noise`: count of other 32-byte numbers; enough of them make the kernel multiply instead of OpenSSL. */
function heap(seed: string, chunks: readonly Buffer[], noise = 2): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(2048);
  memory.noise(random, noise, 4);
  for (const chunk of chunks) {
    memory.chunk(chunk);
    memory.noise(random, 2, 6);
  }
  return memory.bytes();
}

describe.each([2, 120])('among %i other numbers', (noise) => {
  test('a private key of X25519 is found by its public key, clamped or not', () => {
    for (const [name, change] of Object.entries({ asIs: (d: Buffer) => d, clamped: clamp })) {
      const key = x25519From(name);
      const shown = half(createPublicKey(key) as KeyObject, 'x');
      const found = searchBytes(heap(name, [change(half(key, 'd')), shown], noise));
      expect(describeAll(found)).toEqual([
        { spki: spkiOf(key), encoding: 'bytes-be', offset: expect.any(Number) },
      ]);
      expect(found.candidates[0]).toMatchObject({ title: 'X25519 private key' });
      expect([found.candidates[0]!.rule.id, found.candidates[0]!.severity]).toEqual([
        'key-agreement-number',
        undefined,
      ]);
      expect(searchBytes(heap(name, [half(key, 'd')], noise)).candidates).toEqual([]);
    }
  });

  test('it is not a key of Ed25519 if its y on that curve is adjacent', () => {
    const key = x25519From('by way of Edwards');
    const scalar = clamp(half(key, 'd'));
    const u = half(createPublicKey(key) as KeyObject, 'x');
    // y = (u - 1) / (u + 1) (RFC 7748, 4.1).
    const { p } = WEI25519;
    const value = BigInt(`0x${Buffer.from(u).reverse().toString('hex')}`);
    const power = (base: bigint, exponent: bigint): bigint => {
      if (exponent === 0n) return 1n;
      const root = power((base * base) % p, exponent / 2n);
      return exponent % 2n === 0n ? root : (root * base) % p;
    };
    const y = ((value - 1n) * power(value + 1n, p - 2n)) % p;
    const shown = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
    const found = searchBytes(heap('edwards', [scalar, shown, u], noise));
    expect(describeAll(found)).toEqual([
      { spki: spkiOf(key), encoding: 'bytes-be', offset: expect.any(Number) },
    ]);
    // Without its u it would be reported.
    expect(searchBytes(heap('edwards', [scalar, shown], noise)).candidates.length).toBe(1);
  });

  test('severity is higher if its public key is written as a key', () => {
    const key = x25519From('written');
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    const found = searchBytes(heap('written', [half(key, 'd')], noise), { publicKeys: [{ spki }] });
    expect(found.candidates.map(({ severity }) => severity)).toEqual(['high']);
  });

  test.each([
    ['clamped', ''],
    ['clamped', 'ssh-ed25519\0\0\0 '],
    ['reduced', 'ssh-ed25519\0\0\0 '],
  ] as const)('an Ed25519 scalar without its seed is found, %s, its public key after %p', (form, head) => {
    const key = ed25519From(`expanded ${form}`);
    const shown = half(createPublicKey(key) as KeyObject, 'x');
    const { [form]: scalar, prefix } = expand(key);
    // As in ring and curve25519-dalek: scalar, prefix, public key.
    const chunks = [Buffer.concat([scalar, prefix, Buffer.from(head), shown])];
    const found = searchBytes(heap(form, chunks, noise));
    expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    expect(found.candidates[0]).toMatchObject({ component: 'scalar', title: 'Ed25519 private key' });
    expect(searchBytes(heap(form, [scalar, prefix], noise)).candidates).toEqual([]);
  });
});

test.each(['seed', 'clamped'] as const)(
  'the %s of an Ed25519 key is found by y as a number, in any order',
  (name) => {
    for (let i = 0; i < 6; i++) {
      const { key, shown, ...all } = keyParts(`coordinate ${i}`);
      const y = Buffer.from(shown);
      y[31]! &= 127;
      const wrong = Buffer.from(shown);
      wrong[31]! ^= 128;
      for (const before of [[y], [y, shown], [wrong, shown], [shown, y]])
        expect(
          describeAll(searchBytes(heap(`y ${i}`, [all[name], ...before]))).map(({ spki }) => spki),
        ).toEqual([spkiOf(key)]);
    }
  },
);

const keyParts = (name: string) => {
  const key = ed25519From(name);
  const { clamped, reduced, prefix } = expand(key);
  const shown = half(createPublicKey(key) as KeyObject, 'x');
  return { key, seed: half(key, 'd'), shown, clamped, reduced, prefix };
};
type Part = Exclude<keyof ReturnType<typeof keyParts>, 'key'>;

describe('three numbers that fill an object', () => {
  test.each<[Part, Part, Part, string]>([
    ['shown', 'clamped', 'prefix', 'scalar'],
    ['shown', 'seed', 'shown', 'seed'],
    ['shown', 'seed', 'prefix', 'seed'],
    ['shown', 'prefix', 'seed', 'seed'],
    ['prefix', 'shown', 'clamped', 'scalar'],
  ])('%s, %s, %s: the private one is found', (first, second, third, component) => {
    for (let i = 0; i < 10; i++) {
      const { key, ...all } = keyParts(`three ${first} ${second} ${third} ${i}`);
      const bytes = heap(`three ${i}`, [Buffer.concat([all[first], all[second], all[third]])]);
      const offset = bytes.indexOf(component === 'seed' ? all.seed : all.clamped);
      const found = searchBytes(bytes);
      expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: 'bytes-be', offset }]);
      expect(found.candidates[0]).toMatchObject({ component });
    }
  });

  test('of four numbers too', () => {
    const { key, seed, shown, prefix, reduced } = keyParts('four');
    for (const all of [
      [shown, seed, prefix, shown],
      [shown, prefix, seed, reduced],
    ]) {
      const bytes = heap('four', [Buffer.concat(all)]);
      const found = describeAll(searchBytes(bytes)).map(({ spki }) => spki);
      expect([...new Set(found)]).toEqual([spkiOf(key)]);
    }
  });
});

describe.each([0, 1, 2, 3, 4, 5, 6, 7])('%i bytes after a word boundary', (skip) => {
  const foundIn = (parts: readonly Buffer[]) =>
    describeAll(searchBytes(heap(`skip ${skip}`, [Buffer.concat([Buffer.alloc(skip), ...parts])])));

  test('a seed between two copies of its public key is found', () => {
    for (let i = 0; i < 10; i++) {
      const { key, seed, shown } = keyParts(`between ${skip} ${i}`);
      expect(foundIn([shown, seed, shown]).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    }
  });

  test('also with more keys adjacent', () => {
    for (let i = 0; i < 10; i++) {
      const { key, seed, shown } = keyParts(`packed ${skip} ${i}`);
      const more = new SeededRandom(`more ${i}`);
      const all = [more.bytes(96), seed, shown, seed, shown, more.bytes(64)];
      expect(foundIn(all).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    }
  });

  test('a seed between zeros, with a type byte before or after it, is found', () => {
    for (const [i, around] of [[0], [2], [0x20, 0]].entries()) {
      const { key, seed, shown } = keyParts(`framed ${skip} ${i}`);
      const zeros = Buffer.alloc(16);
      const type = Buffer.from(around);
      for (const parts of [
        [zeros, type, seed, zeros],
        [zeros, seed, type, zeros],
      ]) {
        const chunks = [Buffer.concat([Buffer.alloc(skip), ...parts]), shown];
        expect(describeAll(searchBytes(heap(`zeros ${skip}`, chunks))).map(({ spki }) => spki)).toEqual([
          spkiOf(key),
        ]);
      }
    }
  });

  test('only the right seed is reported', () => {
    const { seed, shown } = keyParts(`bits ${skip}`);
    for (let bit = 0; bit < 256; bit += 37) {
      const other = Buffer.from(seed);
      other[bit >> 3]! ^= 1 << (bit & 7);
      expect(foundIn([shown, other, shown])).toEqual([]);
    }
  });
});

test('the nonce of a signature is not a key: R is its public point', () => {
  const key = ed25519From('R');
  const { reduced } = expand(key);
  const chunks = [reduced, half(createPublicKey(key) as KeyObject, 'x')];
  expect(searchBytes(heap('R', chunks)).candidates).toEqual([]);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  expect(searchBytes(heap('R', chunks), { publicKeys: [{ spki }] }).candidates).toHaveLength(1);
});

test('no number that differs in one bit matches a public key', () => {
  const key = x25519From('bits');
  const d = clamp(half(key, 'd'));
  const shown = half(createPublicKey(key) as KeyObject, 'x');
  fc.assert(
    fc.property(fc.boolean(), fc.integer({ min: 3, max: 253 }), (which, bit) => {
      const [secret, open] = [Buffer.from(d), Buffer.from(shown)];
      (which ? secret : open)[bit >> 3]! ^= 1 << (bit & 7);
      expect(searchBytes(heap('bits', [secret, open])).candidates).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

import { createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { WRITERS } from '../support/number-writers.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom, ed25519From, rsaFrom, x25519From } from './seeded.js';

const QUIET = { 'not computed': Buffer.alloc(8, 0xff), zero: Buffer.alloc(8) };
const HASHES = [...Object.keys(QUIET), 'computed'];
const hashOf = (name: string, random: SeededRandom): Buffer =>
  QUIET[name as keyof typeof QUIET] ?? Buffer.from([0x91, ...random.bytes(7).map((byte) => byte | 1)]);

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/**
 * CPython's PyBytesObject (Include/cpython/bytesobject.h): reference count, type, length, hash, the octets
 * and a zero.
 */
function bytesObject(octets: Buffer, hash: Buffer, length = octets.length): Buffer {
  const padding = Buffer.alloc(16 - (octets.length % 16));
  return Buffer.concat([word(1), word(0xa04d20), word(length), hash, octets, padding]);
}

/** Objects among random numbers, each at an address that is a multiple of 16 or 8 more than one. */
function heap(seed: string, objects: readonly Buffer[]): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(2048 + 8 * (seed.length % 2));
  for (const object of objects) {
    memory.noise(random, 3, 4);
    memory.chunk(object);
  }
  memory.noise(random, 3, 6);
  return memory.bytes();
}

function ed448From(seed: string): KeyObject {
  const pkcs8 = Buffer.from('3047020100300506032b6571043b0439', 'hex');
  const key = Buffer.concat([pkcs8, new SeededRandom(seed).bytes(57)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

const spki = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

/** The octets of a private key; of an EC key from its SEC 1 structure (RFC 5915, 3): JWK has few curves. */
function secretOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ec') return parts(key).d!;
  const der = key.export({ format: 'der', type: 'sec1' });
  const length = der.indexOf(Buffer.of(2, 1, 1, 4)) + 4;
  return der.subarray(length + 1, length + 1 + der[length]!);
}

const KEYS: Record<string, (seed: string) => KeyObject> = {
  Ed25519: ed25519From,
  X25519: x25519From,
  Ed448: ed448From,
  'P-256': (seed) => ecFrom(seed, 'P-256', 'prime256v1', 32).key,
  'P-384': (seed) => ecFrom(seed, 'P-384', 'secp384r1', 48).key,
  brainpoolP320r1: (seed) => ecFrom(seed, 'brainpoolP320r1', 'brainpoolP320r1', 40).key,
  brainpoolP512r1: (seed) => ecFrom(seed, 'brainpoolP512r1', 'brainpoolP512r1', 64).key,
  'P-521': (seed) => ecFrom(seed, 'P-521', 'secp521r1', 66).key,
};

describe.each(HASHES)('in a bytes object whose hash is %s', (hash) => {
  test.each(Object.keys(KEYS))('a private key of %s is found', (name) => {
    for (let i = 0; i < 5; i++) {
      const seed = `${name} ${hash} ${'x'.repeat(i)}`;
      const key = KEYS[name]!(seed);
      const d = secretOf(key);
      const bytes = heap(seed, [bytesObject(d, hashOf(hash, new SeededRandom(seed)))]);
      const found = searchBytes(bytes, { publicKeys: [{ spki: spki(key) }] });
      expect(describeAll(found)).toEqual([
        { spki: spkiOf(key), encoding: 'bytes-be', offset: bytes.indexOf(d) },
      ]);
      expect(found.limits).toEqual([]);
    }
  });

  test('so is the seed of Ed25519 before its public key', () => {
    const key = ed25519From(`both ${hash}`);
    const { d, x } = parts(key);
    const object = bytesObject(Buffer.concat([d!, x!]), hashOf(hash, new SeededRandom('both')));
    expect(describeAll(searchBytes(heap('both', [object]))).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test.each([256, 384, 512])('and a secret of HMAC of %i bits', (bits) => {
    const random = new SeededRandom(`hmac ${bits} ${hash}`);
    const secret = random.bytes(bits / 8);
    const signed = Buffer.from('header.payload');
    const signature = createHmac(`sha${bits}`, secret).update(signed).digest();
    const bytes = heap('hmac', [bytesObject(secret, hashOf(hash, random))]);
    const { candidates } = searchBytes(bytes, {
      tokens: [{ offset: 0, hash: `sha${bits}`, signed, signature }],
    });
    expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([
      [bytes.indexOf(secret), bits / 8],
    ]);
  });

  test.each([1024, 2048])('and the primes of RSA of %i bits', (bits) => {
    const key = rsaFrom(`bytes ${hash}`, bits);
    const random = new SeededRandom(`rsa ${hash}`);
    const { n, p, q } = parts(key);
    const objects = [n!, p!, q!].map((octets) => bytesObject(octets, hashOf(hash, random)));
    expect(describeAll(searchBytes(heap('rsa', objects))).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });
});

test('a private member of a JWK is found behind a hash that ends with a character', () => {
  const key = ed25519From('text in bytes');
  const text = (octets: Buffer) => Buffer.from(octets.toString('base64url'));
  for (const tail of ['a', '-Z9', 'ab0_']) {
    const hash = Buffer.concat([Buffer.alloc(8, 0x91), Buffer.from(tail)]).subarray(-8);
    const objects = [parts(key).d!, parts(key).x!].map((octets) => bytesObject(text(octets), hash));
    const bytes = heap(tail, objects);
    const offset = bytes.indexOf(text(parts(key).d!));
    expect(describeAll(searchBytes(bytes))).toEqual([{ spki: spkiOf(key), encoding: 'base64url', offset }]);
  }
});

/** Bytes of numbers that are cut from the end of a run. */
const CUT = new Set([32, 48]);

test('behind a random word without its length only numbers of 32 and 48 bytes are tried, at the end', () => {
  for (const name of Object.keys(KEYS)) {
    const key = KEYS[name]!(`no length ${name}`);
    const hash = hashOf('computed', new SeededRandom(name));
    const d = secretOf(key);
    const context = { publicKeys: [{ spki: spki(key) }] };
    const foundIn = (length?: number) => searchBytes(heap(name, [bytesObject(d, hash, length)]), context);
    expect(foundIn().candidates).toHaveLength(1);
    for (const length of [d.length + 3, 2 ** 40 + d.length])
      expect([length, foundIn(length).candidates.length]).toEqual([length, CUT.has(d.length) ? 1 : 0]);
  }
});

test('thousands of integers in digits do not take the place of a seed', () => {
  const memory = new Memory();
  const random = new SeededRandom('integers');
  for (let i = 0; i < 2_500; i++)
    memory.chunk(WRITERS['digits30-le32'](BigInt(`0x7f${random.bytes(31).toString('hex')}`)));
  const key = ed25519From('integers');
  const { d, x } = parts(key);
  for (const octets of [d!, x!]) memory.chunk(bytesObject(octets, QUIET['not computed']));
  expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
});

describe('in an array of octets of V8 with compressed pointers, half a word behind one', () => {
  /** Map and length in 32 bits each, the octets, the maps of what lies behind them. */
  const array = (octets: Buffer) =>
    Buffer.concat([
      Buffer.from('e5070000', 'hex'),
      Buffer.from('ad090000', 'hex'),
      word(octets.length).subarray(0, 4),
      octets,
      Buffer.from('dd130301e5070000e507000000000000', 'hex'),
    ]);

  test.each(['Ed25519', 'X25519', 'P-256', 'P-384'])('a private key of %s is found', (name) => {
    const keys = Array.from({ length: 20 }, (_, i) => KEYS[name]!(`compressed ${name} ${i}`));
    const found = keys.map((key) => {
      const d = secretOf(key);
      const bytes = heap(name, [array(d)]);
      const candidates = describeAll(searchBytes(bytes, { publicKeys: [{ spki: spki(key) }] }));
      return candidates.some(({ spki, offset }) => spki === spkiOf(key) && offset === bytes.indexOf(d));
    });
    // A word that the net takes for none of random ones may be at an end.
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(19);
  });

  test.each([256, 384, 512])('the secret of a token with HS%i is found', (bits) => {
    const random = new SeededRandom(`compressed HS${bits}`);
    const signed = random.bytes(40);
    const found = Array.from({ length: 20 }, () => {
      const secret = random.bytes(bits / 8);
      const signature = createHmac(`sha${bits}`, secret).update(signed).digest();
      const bytes = heap('secret', [array(secret)]);
      const tokens = [{ offset: 0, hash: `sha${bits}`, signed, signature }];
      return searchBytes(bytes, { tokens }).candidates.map(({ offset }) => offset === bytes.indexOf(secret));
    });
    expect(found.filter((each) => each.length === 1 && each[0]).length).toBeGreaterThanOrEqual(19);
  });
});

import { createECDH, createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { bitsOf, inverse, toBigint } from '../../src/core/base/bytes/integers.js';
import type { JsEngineEncoding } from '../../src/search/core/types.js';
import { WRITERS } from '../support/number-writers.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom, ed25519From } from './seeded.js';

const OPENSSL: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  secp256k1: 'secp256k1',
};
const CURVES = Object.keys(OPENSSL);
const domainOf = (name: string) => DOMAINS.find((domain) => domain.name === name)!;
const ecKey = (name: string, seed: string) => ecFrom(seed, name, OPENSSL[name]!, domainOf(name).size);

const halves = (lower: number, upper: number): Buffer => {
  const word = Buffer.alloc(8);
  word.writeUInt32LE(lower);
  word.writeUInt32LE(upper, 4);
  return word;
};
const map = Buffer.from('1102cb3af6150000', 'hex');

/** Header before the first digit of an array of a given capacity. */
const HEADS: Readonly<Record<string, (room: number) => Buffer>> = {
  v8: (room) => Buffer.concat([map, halves(0, room)]),
  'v8, length in 32 bits': (room) => Buffer.concat([map, halves(room, 0)]),
  'v8, compressed pointers': (room) => halves(0x5dd, 2 * room),
  'v8, compressed pointers, length in 32 bits': (room) => halves(0x5dd, room),
  jsc: (room) => halves(room, room + 3),
};

const FORMS: readonly [JsEngineEncoding, string][] = [
  ['v8-smi26', 'v8'],
  ['v8-smi26', 'v8, length in 32 bits'],
  ['v8-smi28', 'v8'],
  ['v8-double26', 'v8'],
  ['v8-double28', 'v8'],
  ['v8-smi26c', 'v8, compressed pointers'],
  ['v8-smi26c', 'v8, compressed pointers, length in 32 bits'],
  ['v8-smi28c', 'v8, compressed pointers'],
  ['jsc-int26', 'jsc'],
  ['jsc-int28', 'jsc'],
];

/**
 * An array with capacity for one digit more than a number of `bits` bits; `rest`: the rest of an unreduced
 * product follows.
 */
function array(
  form: JsEngineEncoding,
  head: string,
  value: bigint,
  { bits = 256, rest }: { bits?: number; rest?: SeededRandom } = {},
): Buffer {
  const write = WRITERS[form];
  const count = Math.ceil(bits / (form.includes('28') ? 28 : 26));
  const digits = write(value, count);
  if (rest === undefined)
    return Buffer.concat([HEADS[head]!(count + 1), digits, digits.subarray(0, write(1n).length), map]);
  const product = write(toBigint(rest.bytes(200))).subarray(0, digits.length);
  return Buffer.concat([HEADS[head]!(2 * count), digits, product, map]);
}

function heap(seed: string, arrays: readonly Buffer[]): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(512);
  for (const each of arrays) {
    memory.noise(random, 3, 8);
    memory.filler(64);
    memory.chunk(each);
  }
  return memory.bytes();
}

/** An element in Montgomery form, as bn.js keeps it for a prime without a special reduction. */
function inField(name: string, value: Buffer): bigint {
  const { p } = domainOf(name);
  return (toBigint(value) << BigInt(Math.ceil(bitsOf(p) / 26) * 26)) % p;
}

describe.each(FORMS)('a key in an array of %s (%s)', (form, head) => {
  test.each(CURVES)('of %s is found with its point in such digits, and nothing else', (name) => {
    const { key, d, x, y } = ecKey(name, `sixth ${form} ${head}`);
    const bits = bitsOf(domainOf(name).p);
    const rest = new SeededRandom('rest');
    const points = {
      plain: [x, y].map((value) => array(form, head, toBigint(value), { bits })),
      reduced: [x, y].map((value) => array(form, head, toBigint(value), { bits, rest })),
      'of bn.js': [x, y].map((value) => array(form, head, inField(name, value), { bits, rest })),
    };
    for (const [how, coordinates] of Object.entries(points)) {
      const scalar = array(form, head, toBigint(d), { bits });
      const memory = heap(`${name} ${form} ${how}`, [scalar, ...coordinates]);
      const found = searchBytes(memory);
      const offset = memory.indexOf(scalar) + HEADS[head]!(1).length;
      expect([how, describeAll(found)]).toEqual([how, [{ spki: spkiOf(key), encoding: form, offset }]]);
      expect(found.limits).toEqual([]);
      expect(searchBytes(heap(how, coordinates)).candidates).toEqual([]);
    }
  });
});

test('a scalar in digits is found by an encoded public key', () => {
  const { key, d } = ecKey('P-256', 'with its public key');
  const spki = Buffer.from(spkiOf(key), 'base64');
  const memory = heap('with its public key', [array('v8-smi26', 'v8', toBigint(d))]);
  const found = describeAll(searchBytes(memory, { publicKeys: [{ spki }] }));
  expect(found.map((each) => each.spki)).toEqual([spki.toString('base64')]);
});

test.each(['v8-smi26', 'jsc-int26'] as const)('the scalar of an Ed25519 key in %s is found by y', (form) => {
  const key = ed25519From(`digits ${form}`);
  const { d: seed, x: shown } = parts(key);
  const scalar = createHash('sha512').update(seed!).digest().subarray(0, 32);
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  const y = Buffer.from(shown!);
  y[31]! &= 127;
  const head = form === 'v8-smi26' ? 'v8' : 'jsc';
  const [a, b] = [scalar, y].map((octets) => array(form, head, toBigint(Buffer.from(octets).reverse())));
  const found = describeAll(searchBytes(heap(form, [a!, b!])));
  expect(found.map((each) => [each.spki, each.encoding])).toEqual([[spkiOf(key), form]]);
});

describe('a nonce in digits', () => {
  const name = 'P-256';
  const { n } = domainOf(name);
  const { key, d, x, y } = ecKey(name, 'signer');
  const nonce = ecKey(name, 'nonce');
  const [k, r] = [toBigint(nonce.d), toBigint(nonce.x) % n];
  const digest = toBigint(createHash('sha256').update('signed').digest());
  const s = (inverse(k, n)! * ((digest + r * toBigint(d)) % n)) % n;
  const numbers = [toBigint(d), inField(name, x), inField(name, y), k];
  const point = [inField(name, nonce.x), inField(name, nonce.y)];
  const found = (values: readonly bigint[]) => {
    const arrays = values.map((value) => array('v8-smi26', 'v8', value));
    return describeAll(searchBytes(heap('nonce', arrays))).map(({ spki }) => spki);
  };

  test.each([
    ['s', [s, digest]],
    ['s of the other sign', [n - s, digest]],
  ])('is not a key next to its signature (%s)', (_, signature) => {
    expect(found([...numbers, ...point, ...signature])).toEqual([spkiOf(key)]);
  });

  test('is reported as a key if the signature is gone', () => {
    const both = [spkiOf(key), spkiOf(nonce.key)].sort();
    expect(found([...numbers, ...point]).sort()).toEqual(both);
    expect(found([...numbers, ...point, (s + 1n) % n, digest]).sort()).toEqual(both);
  });
});

test('a forged signature with s = n, so that s * k is zero, hides no key', () => {
  const curve = 'brainpoolP256r1';
  const { n } = domainOf(curve);
  const [ours, theirs] = ['ours', 'of the forger'].map((seed) => ecFrom(seed, curve, curve, 32)) as [
    ReturnType<typeof ecFrom>,
    ReturnType<typeof ecFrom>,
  ];
  const keys = [ours, theirs].flatMap(({ d, x, y }) => [
    toBigint(d),
    inField(curve, x),
    inField(curve, y),
    toBigint(x),
    toBigint(y),
  ]);
  const hash = n - ((toBigint(ours.x) * toBigint(theirs.d)) % n);
  const arrays = [...keys, n, hash].map((value) => array('v8-smi26', 'v8', value));
  const found = describeAll(searchBytes(heap('made up', arrays))).map(({ spki }) => spki);
  expect(found).toContain(spkiOf(ours.key));
});

test('arrays of numbers of a curve’s size are not keys', () => {
  const random = new SeededRandom('no keys');
  const arrays = Array.from({ length: 200 }, () => array('v8-smi26', 'v8', toBigint(random.bytes(32))));
  const found = searchBytes(heap('no keys', arrays));
  expect([found.candidates, found.limits, found.tried]).toEqual([[], [], 0]);
});

test('OpenSSL agrees on the keys above', () => {
  const { d, x } = ecKey('P-384', 'check');
  const ecdh = createECDH(OPENSSL['P-384']!);
  ecdh.setPrivateKey(d);
  expect(ecdh.getPublicKey().subarray(1, 49)).toEqual(x);
});

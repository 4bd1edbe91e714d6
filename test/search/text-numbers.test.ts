import { createHmac, createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { prove } from '../../src/prove/prove.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { ecFrom, ed25519From, rsaFrom } from './seeded.js';

/** A string of V8: its length, its characters, and zeros up to a multiple of eight. */
function v8String(text: string): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(text.length, 12);
  return Buffer.concat([head, Buffer.from(text, 'latin1'), Buffer.alloc((8 - (text.length % 8)) % 8)]);
}

interface Heap {
  bytes: Buffer;
  places: Record<string, number>;
}

/** A heap in which the members of a JWK are distant strings among random strings of their lengths. */
function heap(jwk: JsonWebKey, members: readonly string[], write = v8String): Heap {
  const memory = new Memory();
  const random = new SeededRandom(`texts ${members.join()}`);
  const places: Record<string, number> = {};
  memory.filler(3000);
  for (const name of members) {
    const text = String(jwk[name as keyof JsonWebKey]);
    const string = write(text);
    places[name] = memory.chunk(string) + string.indexOf(text, 0, 'latin1');
    for (const octets of [32, 48, 66, 128, 256])
      memory.chunk(v8String(random.bytes(octets).toString('base64url')));
    memory.filler(800);
  }
  return { bytes: memory.bytes(), places };
}

const jwkOf = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' });

/** From a PKCS#8 PrivateKeyInfo without its seed (RFC 8410, section 7), and how long that is. */
const okpFrom = (start: string, octets: number) => {
  const seed = new SeededRandom(`${start} texts`).bytes(octets);
  const key = Buffer.concat([Buffer.from(start, 'hex'), seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
};

const KEYS: Record<string, KeyObject> = {
  'RSA-1024': rsaFrom('texts', 1024),
  'RSA-2048': rsaFrom('texts', 2048),
  'RSA-3072': rsaFrom('texts', 3072),
  'P-256': ecFrom('texts', 'P-256', 'prime256v1', 32).key,
  'P-384': ecFrom('texts', 'P-384', 'secp384r1', 48).key,
  'P-521': ecFrom('texts', 'P-521', 'secp521r1', 66).key,
  secp256k1: ecFrom('texts', 'secp256k1', 'secp256k1', 32).key,
  Ed25519: ed25519From('texts'),
  X25519: okpFrom('302e020100300506032b656e04220420', 32),
  Ed448: okpFrom('3047020100300506032b6571043b0439', 57),
  X448: okpFrom('3046020100300506032b656f043a0438', 56),
};
const membersOf = (name: string): string[] =>
  name.startsWith('RSA')
    ? ['n', 'd', 'p', 'q', 'dp', 'dq', 'qi']
    : /25519|448/.test(name)
      ? ['x', 'd']
      : ['y', 'x', 'd'];

const hexOf = (text: string): string => Buffer.from(text, 'base64url').toString('hex');
/** As JavaScript's libraries keep keys: a private half, and a public one in one of its forms. */
const HALVES: Record<string, (jwk: JsonWebKey) => string> = {
  uncompressed: ({ x, y }) => `04${hexOf(x!)}${hexOf(y!)}`,
  compressed: ({ x, y }) => `${Buffer.from(y!, 'base64url').at(-1)! % 2 === 0 ? '02' : '03'}${hexOf(x!)}`,
  bare: ({ x, y }) => hexOf(x!) + hexOf(y!),
  alone: ({ x }) => hexOf(x!),
};

describe('hexadecimal digits', () => {
  test.each([
    ['P-256', 'uncompressed'],
    ['P-256', 'compressed'],
    ['P-384', 'uncompressed'],
    ['P-384', 'compressed'],
    ['secp256k1', 'uncompressed'],
    ['secp256k1', 'compressed'],
    ['secp256k1', 'bare'],
    ['Ed25519', 'alone'],
    ['X25519', 'alone'],
  ])('give %s with its public half, %s', (name, form) => {
    const jwk = jwkOf(KEYS[name]!);
    const digits = hexOf(jwk.d!);
    const half = HALVES[form]!(jwk);
    for (const [scalar, point] of [
      [digits, half],
      [`0x${digits}`, `0x${half}`],
      [digits.toUpperCase(), half.toUpperCase()],
      [`00${digits}`, half],
    ]) {
      const { bytes, places } = heap({ d: scalar, x: point } as JsonWebKey, ['x', 'd']);
      const offset = places.d! + (scalar!.length - digits.length);
      const found = searchBytes(bytes);
      expect(describeAll(found)).toEqual([{ spki: spkiOf(KEYS[name]!), encoding: 'hex', offset }]);
      expect([found.candidates[0]!.length, found.limits]).toEqual([digits.length, []]);
    }
  });

  test('give a key of P-521 whose public half is known', () => {
    const key = KEYS['P-521']!;
    const { bytes } = heap({ d: hexOf(jwkOf(key).d!) }, ['d']);
    const found = searchBytes(bytes, { publicKeys: [{ spki: Buffer.from(spkiOf(key), 'base64') }] });
    expect(describeAll(found).map(({ encoding }) => encoding)).toEqual(['hex']);
  });

  test('on no curve or beyond the budget of compressed points are reported; --deep takes them', () => {
    const memory = new Memory();
    const random = new SeededRandom('compressed');
    for (let i = 0; i < 1100; i++) memory.chunk(v8String(`02${random.bytes(32).toString('hex')}`));
    const jwk = jwkOf(KEYS['P-256']!);
    for (const text of [HALVES.compressed!(jwk), hexOf(jwk.d!)]) memory.chunk(v8String(text));
    const { candidates, limits } = searchBytes(memory.bytes());
    expect([candidates.length, limits.map(({ search }) => search)]).toEqual([0, ['ec-points']]);
    const deep = searchBytes(memory.bytes(), {}, true);
    expect([describeAll(deep).map(({ spki }) => spki), deep.limits]).toEqual([[spkiOf(KEYS['P-256']!)], []]);
  });
});

describe('members of a JWK in strings of their own', () => {
  test.each(Object.keys(KEYS))('give %s', (name) => {
    const key = KEYS[name]!;
    const { bytes, places } = heap(jwkOf(key), membersOf(name));
    const found = searchBytes(bytes);
    const offset = places[name.startsWith('RSA') ? 'p' : 'd']!;
    expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: 'base64url', offset }]);
    const length = String(jwkOf(key)[name.startsWith('RSA') ? 'p' : 'd']).length;
    expect([found.candidates[0]!.length, found.limits]).toEqual([length, []]);
  });

  test.each([
    ['n', 'p'],
    ['n', 'd'],
    ['dp', 'n'],
    ['dq', 'n'],
  ])('give RSA-2048 by %s and %s alone', (...members) => {
    const key = KEYS['RSA-2048']!;
    const { bytes } = heap(jwkOf(key), members);
    expect(describeAll(searchBytes(bytes)).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test.each([
    [3n, ['n', 'p'], true],
    [65_537n, ['n', 'p'], true],
    [65_537n, ['n', 'd'], false],
    [65_537n, ['n', 'dp'], false],
  ] as const)(
    'with e = %s, %j: an exponent without evidence is assumed, with a statement: %s',
    (e, members, assumed) => {
      const { bytes } = heap(jwkOf(rsaFrom('texts', 1024, e)), members);
      const proofs = searchBytes(bytes).candidates.map(({ material }) => prove(material!));
      expect(proofs).toMatchObject([{ status: 'proven' }]);
      const statements = proofs.flatMap((proof) => (proof.status === 'proven' ? proof.statements : []));
      expect(statements.includes('e = 65537 assumed')).toBe(assumed);
    },
  );

  test('give a key whose public exponent follows from a private one', () => {
    const key = rsaFrom('texts', 1024, 17n);
    const { bytes } = heap(jwkOf(key), ['n', 'p', 'q', 'dp']);
    expect(describeAll(searchBytes(bytes)).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('give a key together with numbers in other forms', () => {
    const key = KEYS['RSA-2048']!;
    const jwk = jwkOf(key);
    const memory = new Memory();
    memory.chunk(LAYOUTS['limbs-le']!(Buffer.from(jwk.n!, 'base64url')));
    memory.filler(500);
    for (const name of ['p', 'q'] as const) memory.chunk(v8String(jwk[name]!));
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    const ed25519 = jwkOf(KEYS.Ed25519!);
    for (const binary of ['d', 'x'] as const) {
      const halves = new Memory();
      halves.filler(200);
      halves.chunk(Buffer.from(ed25519[binary]!, 'base64url'));
      halves.filler(200);
      halves.chunk(v8String(ed25519[binary === 'd' ? 'x' : 'd']!));
      expect(describeAll(searchBytes(halves.bytes())).map(({ spki }) => spki)).toEqual([
        spkiOf(KEYS.Ed25519!),
      ]);
    }
  });

  test.each([
    ['P-256', (text: string) => Buffer.from(`\0${text}\0`, 'latin1')],
    ['Ed25519', (text: string) => Buffer.from(`\0\0\0"${text}"`, 'latin1')],
  ] as const)('give %s at any byte', (name, write) => {
    const { bytes } = heap(jwkOf(KEYS[name]!), membersOf(name), write);
    for (const shift of [1, 3, 6]) {
      const found = describeAll(searchBytes(bytes.subarray(shift)));
      expect(found.map(({ spki }) => spki)).toEqual([spkiOf(KEYS[name]!)]);
    }
  });

  test.each([
    [256, 'base64url'],
    [384, 'base64url'],
    [512, 'base64url'],
    [256, 'hex'],
    [384, 'hex'],
  ] as const)('give the secret of a JWT with HS%i, as %s', (bits, encoding) => {
    const key = new SeededRandom(`k ${bits}`).bytes(bits / 8);
    const { bytes, places } = heap({ k: key.toString(encoding) }, ['k']);
    const signed = Buffer.from('header.payload');
    const hash = `sha${bits}`;
    const token = { offset: 0, hash, signed, signature: createHmac(hash, key).update(signed).digest() };
    const { candidates } = searchBytes(Buffer.concat([bytes, Buffer.alloc(40_000)]), {
      tokens: [{ ...token, offset: bytes.length + 30_000 }],
    });
    expect(candidates.map(({ offset, encoding, kind }) => [offset, encoding, kind])).toEqual([
      [places.k, encoding, 'symmetric-key'],
    ]);
  });

  test('are nothing without their other half', () => {
    for (const [name, member] of [
      ['P-256', 'd'],
      ['Ed25519', 'd'],
      ['Ed448', 'd'],
      ['X448', 'x'],
      ['RSA-2048', 'n'],
      ['RSA-2048', 'd'],
    ] as const) {
      const { candidates, limits } = searchBytes(heap(jwkOf(KEYS[name]!), [member]).bytes);
      expect([candidates.length, limits]).toEqual([0, []]);
    }
  });
});

import { createECDH, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/numbers/domain.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';

const OPENSSL: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** d, x and y, big-endian, of a curve's octets. */
function numbersOf(name: string, key: KeyObject): Record<'d' | 'x' | 'y', Buffer> {
  const size = DOMAINS.find((domain) => domain.name === name)!.size;
  const sec1 = key.export({ format: 'der', type: 'sec1' });
  // RFC 5915: SEQUENCE { INTEGER 1, OCTET STRING d, … [1] BIT STRING 04 X Y }.
  const d = sec1.subarray(sec1.indexOf(Buffer.of(2, 1, 1, 4, size)) + 5).subarray(0, size);
  return { d, x: sec1.subarray(-2 * size, -size), y: sec1.subarray(-size) };
}

const keyOf = (name: string) => generateKeyPairSync('ec', { namedCurve: OPENSSL[name] ?? name }).privateKey;

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

function heap(seed: string, chunks: readonly Buffer[]): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(2048);
  for (const chunk of chunks) {
    memory.noise(random, 5, 4);
    memory.chunk(chunk);
    memory.noise(random, 5, 6);
  }
  return memory.bytes();
}

describe.each(DOMAINS.map(({ name }) => name))('%s', (name) => {
  const FORMS = {
    'limbs-le': ['montgomery', 'big'],
    'bytes-be': ['plain', 'uncompressed'],
    'int32-msw': ['java'],
  };

  test.each(Object.keys(FORMS) as (keyof typeof FORMS)[])(
    'gives its key from a scalar as %s and any form of the point',
    (form) => {
      const key = keyOf(name);
      const { d, x, y } = numbersOf(name, key);
      const points = {
        plain: [layout('limbs-le', x), layout('limbs-le', y)],
        java: [layout('int32-msw', x), layout('int32-msw', y)],
        big: [layout('bytes-be', x), layout('bytes-be', y)],
        montgomery: [montgomery(name, x), montgomery(name, y)],
        uncompressed: [Buffer.concat([Buffer.of(1, 2, 3, 4), x, y])],
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

  test('gives its key from the scalar and a public key that the rest of the artifact shows', () => {
    const key = keyOf(name);
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    const dump = heap(`${name} shown`, [layout('limbs-le', numbersOf(name, key).d)]);
    expect(describeAll(searchBytes(dump))).toEqual([]);
    expect(describeAll(searchBytes(dump, { publicKeys: [{ spki }] })).map((each) => each.spki)).toEqual([
      spkiOf(key),
    ]);
  });
});

describe('Ed25519', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url');
  const shown = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');

  test.each([0, 1, 5])('gives its key from the seed and a public half at %i mod 8', (shift) => {
    const dump = heap(`ed ${shift}`, [seed, Buffer.concat([Buffer.alloc(shift, 0x91), shown])]);
    expect(describeAll(searchBytes(dump)).map(({ spki, encoding }) => [spki, encoding])).toEqual([
      [spkiOf(privateKey), 'bytes-be'],
    ]);
  });

  test('gives its key from seed and public half side by side, or a certificate', () => {
    expect(
      describeAll(searchBytes(heap('ed both', [Buffer.concat([seed, shown])]))).map(({ spki }) => spki),
    ).toEqual([spkiOf(privateKey)]);
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    expect(describeAll(searchBytes(heap('ed spki', [seed]), { publicKeys: [{ spki }] }))).toHaveLength(1);
    expect(describeAll(searchBytes(heap('ed alone', [seed])))).toEqual([]);
  });
});

describe('numbers that are no keys', () => {
  test('a generator and what belongs to it', () => {
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

  test('a nonce whose point is the r of a signature and no public key', () => {
    const ecdh = createECDH('prime256v1');
    const point = ecdh.generateKeys();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)];
    const k = Buffer.concat([Buffer.alloc(32 - ecdh.getPrivateKey().length), ecdh.getPrivateKey()]);
    const r = x[0]! >= 0x80 ? Buffer.concat([Buffer.of(2, 33, 0), x]) : Buffer.concat([Buffer.of(2, 32), x]);
    const s = Buffer.concat([Buffer.of(2, 32), new SeededRandom('s').bytes(32)]);
    const signature = Buffer.concat([Buffer.of(0x30, r.length + s.length), r, s]);
    const coordinates = [layout('limbs-le', x), layout('limbs-le', y)];
    expect(
      describeAll(searchBytes(heap('nonce', [layout('limbs-le', k), ...coordinates, signature]))),
    ).toEqual([]);
    // Without the signature nothing tells it from a key.
    expect(describeAll(searchBytes(heap('nonce', [layout('limbs-le', k), ...coordinates])))).toHaveLength(1);
  });
});

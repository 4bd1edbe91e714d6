import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import fc from '../support/property.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';

/** PKCS#8 prefixes (RFC 8410), octets of a key, and its type in OpenSSL's ECX_KEY. */
const CURVES = {
  Ed448: { pkcs8: '3047020100300506032b6571043b0439', size: 57, kind: 3 },
  X448: { pkcs8: '3046020100300506032b656f043a0438', size: 56, kind: 1 },
} as const;
type Curve = keyof typeof CURVES;

function keyFrom(curve: Curve, seed: string): KeyObject {
  const { pkcs8, size } = CURVES[curve];
  const bytes = Buffer.concat([Buffer.from(pkcs8, 'hex'), new SeededRandom(`${curve} ${seed}`).bytes(size)]);
  return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
}

const half = (key: KeyObject, name: 'd' | 'x') =>
  Buffer.from(key.export({ format: 'jwk' })[name]!, 'base64url');
const spki = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

function heap(seed: string, chunks: readonly Buffer[]): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(1024);
  for (const words of [4, 6, 7, 8]) memory.noise(random, 2, words);
  for (const chunk of chunks) {
    memory.chunk(chunk);
    memory.noise(random, 2, 7);
  }
  return memory.bytes();
}

/** ECX_KEY of OpenSSL 3: two pointers, a flag, the public key, a pointer, its length, its type, a count. */
function structure(curve: Curve, publicKey: Buffer): Buffer {
  const { size, kind } = CURVES[curve];
  const bytes = Buffer.alloc(104);
  bytes.writeBigUInt64LE(0x7f12_3456_7890n, 0);
  bytes[16] = 1;
  publicKey.copy(bytes, 17);
  bytes.writeBigUInt64LE(0x5567_1234_5678n, 80);
  bytes.writeBigUInt64LE(BigInt(size), 88);
  bytes.writeUInt32LE(kind, 96);
  bytes.writeUInt32LE(1, 100);
  return bytes;
}

test('a JSON Web Key among a thousand texts of its size is found if its members are side by side', () => {
  const memory = new Memory();
  const random = new SeededRandom('crowd');
  const text = (octets: Buffer) => memory.chunk(Buffer.from(`"${octets.toString('base64url')}"`));
  for (let i = 0; i < 1200; i++) {
    text(random.bytes(56));
    memory.filler(256);
  }
  const key = keyFrom('X448', 'crowd');
  for (const name of ['x', 'd'] as const) text(half(key, name));
  const found = searchBytes(memory.bytes());
  expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  expect(found.limits).toMatchObject([{ search: 'x448-seeds', target: 'blind' }]);
  expect(found.limits[0]!.left).toBeGreaterThan(1000);
});

describe.each(Object.keys(CURVES) as Curve[])('%s', (curve) => {
  const rule = curve === 'X448' ? 'key-agreement-number' : 'private-key-number';

  test('a private key is found by its encoded public key', () => {
    for (let i = 0; i < 20; i++) {
      const key = keyFrom(curve, `written ${i}`);
      const bytes = heap(`${i}`, [half(key, 'd')]);
      const found = searchBytes(bytes, { publicKeys: [{ spki: spki(key) }] });
      expect(describeAll(found)).toEqual([
        { spki: spkiOf(key), encoding: 'bytes-be', offset: bytes.indexOf(half(key, 'd')) },
      ]);
      expect(found.candidates[0]).toMatchObject({ component: 'seed', rule: { id: rule } });
      expect(found.limits).toEqual([]);
      expect(searchBytes(bytes)).toMatchObject({ candidates: [], tried: 0 });
    }
  });

  test('a private key is found by the public key in an ECX_KEY of OpenSSL', () => {
    for (let i = 0; i < 20; i++) {
      const key = keyFrom(curve, `held ${i}`);
      const found = searchBytes(heap(`${i}`, [structure(curve, half(key, 'x')), half(key, 'd')]));
      expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    }
  });

  test('the private key of another public key is not reported', () => {
    const [key, other] = [keyFrom(curve, 'one'), keyFrom(curve, 'other')];
    const bytes = heap('others', [structure(curve, half(key, 'x')), half(other, 'd')]);
    expect(searchBytes(bytes, { publicKeys: [{ spki: spki(key) }] }).candidates).toEqual([]);
  });

  test('a private key with a changed bit is not reported', () => {
    const key = keyFrom(curve, 'bits');
    const clamped = half(key, 'd');
    clamped[0]! &= 252;
    clamped[55]! |= 128;
    const right = createPrivateKey({
      key: Buffer.concat([Buffer.from(CURVES[curve].pkcs8, 'hex'), clamped]),
      format: 'der',
      type: 'pkcs8',
    });
    const shown = structure(curve, half(right, 'x'));
    expect(searchBytes(heap('bits', [shown, clamped])).candidates).toHaveLength(1);
    fc.assert(
      fc.property(fc.boolean(), fc.integer({ min: 2, max: 446 }), (which, bit) => {
        const [secret, open] = [Buffer.from(clamped), Buffer.from(shown)];
        if (which) secret[bit >> 3]! ^= 1 << (bit & 7);
        else open[17 + (bit >> 3)]! ^= 1 << (bit & 7);
        expect(searchBytes(heap('bits', [secret, open])).candidates).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('numbers beyond the first thousand are reported', () => {
    const key = keyFrom(curve, 'many');
    const memory = new Memory();
    memory.noise(new SeededRandom('many'), 1_100, 7);
    memory.chunk(half(key, 'd'));
    const context = { publicKeys: [{ spki: spki(key) }] };
    const found = searchBytes(memory.bytes(), context);
    expect(found.candidates).toEqual([]);
    expect(found.limits.map(({ search }) => search)).toContain(`${curve.toLowerCase()}-seeds`);
    expect(found.limits.at(-1)!.reason).toMatch(/^\d+ numbers were not tried/);
    expect(searchBytes(memory.bytes(), context, true).candidates).toHaveLength(1);
  });

  test('so is each place beyond the kept ones, while a likely number is still tried', () => {
    const key = keyFrom(curve, 'crowd');
    // A number without an object of its own: three zeros precede it.
    const unlikely = (bytes: Buffer) => Buffer.concat([Buffer.of(1, 2, 3, 4, 5, 0, 0, 0), bytes]);
    const left = (count: number, copies: number) => {
      const random = new SeededRandom('crowd');
      const crowd = Array.from({ length: count }, () => unlikely(random.bytes(56)));
      const again = Array<Buffer>(copies).fill(crowd.at(-1)!);
      const memory = new Memory();
      memory.chunk(half(key, 'd'));
      const bytes = Buffer.concat([...crowd, ...again, Buffer.alloc(64), memory.bytes()]);
      const { candidates, limits } = searchBytes(bytes, { publicKeys: [{ spki: spki(key) }] });
      expect(candidates).toHaveLength(1);
      return Number.parseInt(
        limits.find(({ search }) => search === `${curve.toLowerCase()}-seeds`)!.reason,
        10,
      );
    };
    const some = left(3_000, 0);
    expect(left(4_000, 0) - some).toBeGreaterThan(900);
    // Numbers that are not kept are not compared either: memory does not grow with the dump.
    expect(left(3_000, 500) - some).toBe(500);
  });
});

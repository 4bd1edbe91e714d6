import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { SHA2, type Sha2 } from '../../src/core/base/crypto/sha2.js';
import fc from '../support/property.js';
import { searchBytes } from './harness.js';
import { Memory } from './memory.js';

/** Initial hash values (FIPS 180-4, 5.3.3 to 5.3.5). */
const START: Record<Sha2, string> = {
  sha256: '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19',
  sha384:
    'cbbb9d5dc1059ed8629a292a367cd5079159015a3070dd17152fecd8f70e5939' +
    '67332667ffc00b318eb44a8768581511db0c2e0d64f98fa747b5481dbefa4fa4',
  sha512:
    '6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1' +
    '510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179',
};

function states(hash: Sha2, key: Buffer): Buffer[] {
  const { block, compress } = SHA2[hash];
  return [0x36, 0x5c].map((pad) =>
    compress(
      Buffer.from(START[hash], 'hex'),
      Buffer.from(Buffer.alloc(block, pad).map((b, i) => b ^ (key[i] ?? 0))),
    ),
  );
}

function tokenOf(hash: Sha2, key: Buffer) {
  const signed = Buffer.from(
    `header.payload that takes more than a block of the hash, for ${hash} ${'.'.repeat(99)}`,
  );
  return { offset: 0x40, hash, signed, signature: createHmac(hash, key).update(signed).digest() };
}

/** SHA256_CTX and SHA512_CTX of OpenSSL's sha.h. */
function openssl(hash: Sha2, state: Buffer, bytes = SHA2[hash].block): Buffer {
  const { word, block, digest } = SHA2[hash];
  const words = word === 4 ? Buffer.from(state).swap32() : Buffer.from(state).swap64();
  const rest = Buffer.alloc(2 * word + block + 8);
  rest.writeUInt32LE(bytes * 8);
  rest.writeUInt32LE(digest, rest.length - 4);
  return Buffer.concat([words, rest]);
}

/** MarshalBinary of Go's hashes. */
function go(hash: Sha2, state: Buffer, bytes = SHA2[hash].block): Buffer {
  const { block } = SHA2[hash];
  const magic = { sha256: 3, sha384: 4, sha512: 7 }[hash];
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes));
  return Buffer.concat([Buffer.from('sha'), Buffer.of(magic), state, Buffer.alloc(block), length]);
}

/**
 * HMAC context of nettle (hmac.h): the outer context, and next to it the inner one in a struct of the same
 * size.
 */
function nettle(hash: Sha2, state: Buffer, bytes = SHA2[hash].block): Buffer {
  const { word, block } = SHA2[hash];
  const words = word === 4 ? Buffer.from(state).swap32() : Buffer.from(state).swap64();
  const context = Buffer.concat([words, Buffer.alloc(word === 4 ? 80 : 152)]);
  context.writeUInt8(Math.floor(bytes / block), state.length);
  context.writeUInt8(bytes % block, state.length + 2 * word);
  const other = new SeededRandom('other').bytes(state.length);
  return Buffer.concat([context, other, context.subarray(state.length)]);
}

/** ring's BlockContext (digest.rs). */
function ring(hash: Sha2, state: Buffer, bytes = SHA2[hash].block): Buffer {
  const context = Buffer.alloc(88);
  const { word } = SHA2[hash];
  context.writeUInt32LE(word === 4 ? 1 : 0);
  (word === 4 ? Buffer.from(state).swap32() : Buffer.from(state).swap64()).copy(context, word);
  context.writeBigUInt64LE(0x55aa_1234_5678n, 72);
  context.writeBigUInt64LE(BigInt(bytes), 80);
  return context;
}

function heap(chunks: readonly Buffer[]): { bytes: Buffer; places: number[] } {
  const memory = new Memory();
  const random = new SeededRandom('states');
  memory.filler(2048);
  const places = chunks.map((chunk) => {
    memory.noise(random, 3, 4);
    return memory.chunk(chunk);
  });
  memory.filler(512);
  return { bytes: memory.bytes(), places };
}

const HASHES: Sha2[] = ['sha256', 'sha384', 'sha512'];

describe.each([
  ['OpenSSL', openssl, () => 0],
  ['Go', go, () => 4],
  ['nettle', nettle, () => 0],
  ['ring', ring, (hash: Sha2) => SHA2[hash].word],
] as const)('states as %s keeps them', (_name, layout, shiftOf) => {
  test.each(HASHES)('are found by a token of %s', (hash) => {
    const key = new SeededRandom(hash).bytes(48);
    const shift = shiftOf(hash);
    const [inner, outer] = states(hash, key) as [Buffer, Buffer];
    // A third one of another key, and one of an unfinished message.
    const [stranger] = states(hash, Buffer.from('stranger')) as [Buffer];
    const chunks = [outer, stranger, inner].map((state) => layout(hash, state));
    const { bytes, places } = heap([...chunks, layout(hash, stranger, 17)]);
    const { candidates } = searchBytes(bytes, { tokens: [tokenOf(hash, key)] });
    expect(candidates).toHaveLength(1);
    expect(candidates[0]).toMatchObject({
      offset: places[2]! + shift,
      length: SHA2[hash].state,
      kind: 'symmetric-key',
      encoding: 'hmac-states',
      component: 'inner state',
    });
    expect(candidates[0]!.evidence).toEqual([
      `the JWT at 0x40 verifies under the states of HMAC here and at 0x${(places[0]! + shift).toString(16)}`,
    ]);
    expect(searchBytes(bytes).candidates).toEqual([]);
    expect(searchBytes(bytes, { tokens: [tokenOf(hash, Buffer.from('other'))] }).candidates).toEqual([]);
  });
});

test('a changed bit or swapped midstates prove nothing', () => {
  const key = new SeededRandom('bits').bytes(32);
  const [inner, outer] = states('sha256', key) as [Buffer, Buffer];
  fc.assert(
    fc.property(fc.boolean(), fc.nat({ max: 255 }), (first, bit) => {
      const [a, b] = [Buffer.from(inner), Buffer.from(outer)];
      (first ? a : b)[bit >> 3]! ^= 1 << (bit & 7);
      const { bytes } = heap([openssl('sha256', a), openssl('sha256', b)]);
      expect(searchBytes(bytes, { tokens: [tokenOf('sha256', key)] }).candidates).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('midstates beyond the limit are reported, copies are not', () => {
  const random = new SeededRandom('full');
  const first = random.bytes(32);
  const left = (copies: number): string[] => {
    const others = new SeededRandom('others');
    const states = [
      first,
      ...Array.from({ length: 512 }, () => others.bytes(32)),
      ...Array(copies).fill(first),
    ];
    const { bytes } = heap(states.map((state) => openssl('sha256', state)));
    const { limits } = searchBytes(bytes, { tokens: [tokenOf('sha256', random.bytes(32))] });
    return limits.flatMap(({ search, reason }) => (search === 'hmac-states' ? [reason] : []));
  };
  const reported = left(0);
  expect(reported).toHaveLength(1);
  expect(left(5)).toEqual(reported);
});

import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { searchBytes } from './harness.js';
import { Memory } from './memory.js';

function tokenOf(key: Buffer, bits = 256) {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = Buffer.from(`${encode({ alg: `HS${bits}` })}.${encode({ sub: 'someone', n: key.length })}`);
  return {
    offset: 0,
    hash: `sha${bits}`,
    signed,
    signature: createHmac(`sha${bits}`, key).update(signed).digest(),
  };
}

/** A heap of numbers with the chunk among them. */
function heap(chunk: Buffer): { bytes: Buffer; at: number } {
  const memory = new Memory();
  const random = new SeededRandom('hmac');
  memory.filler(40_000);
  memory.noise(random, 30, 4);
  const at = memory.chunk(chunk);
  memory.noise(random, 30, 8);
  return { bytes: memory.bytes(), at };
}

const pad = (key: Buffer, byte: number, block: number) =>
  Buffer.alloc(block, byte).map((value, i) => value ^ (key[i] ?? 0));

describe('symmetric keys of tokens', () => {
  const random = new SeededRandom('secret');

  test.each([256, 384, 512])('are found as %i random bits', (bits) => {
    const key = random.bytes(bits / 8);
    const { bytes, at } = heap(key);
    const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key, bits)] });
    expect(candidates.map(({ offset, length, kind }) => [offset, length, kind])).toEqual([
      [at, bits / 8, 'symmetric-key'],
    ]);
  });

  test('are found as text near their token, whatever they are', () => {
    const key = Buffer.from(['correct', 'horse', 'battery', 'staple'].join('-'));
    const memory = new Memory();
    memory.filler(1024);
    const at = memory.chunk(key);
    const tokens = [tokenOf(key)];
    expect(searchBytes(memory.bytes(), { tokens }).candidates.map(({ offset }) => offset)).toEqual([at]);
  });

  test.each([
    ['inner pad', 0x36],
    ['outer pad', 0x5c],
  ] as const)("are found as HMAC's %s", (_form, byte) => {
    const key = random.bytes(32);
    const { bytes, at } = heap(Buffer.from(pad(key, byte, 64)));
    const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key)] });
    expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at, 64]]);
    expect(candidates[0]!.material?.type).toBe('oct');
  });

  test('are nothing without a token that they hold for', () => {
    const key = random.bytes(32);
    const { bytes } = heap(key);
    expect(searchBytes(bytes).candidates).toHaveLength(0);
    expect(searchBytes(bytes, { tokens: [tokenOf(random.bytes(32))] }).candidates).toHaveLength(0);
  });
});

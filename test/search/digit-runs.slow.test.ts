import type { KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/** Digits, least significant first, each written by `write` into `stride` bytes. */
function digits(bits: number, stride: number, write: (digit: bigint, bytes: Buffer) => void) {
  return (bigEndian: Buffer): Buffer => {
    const out: Buffer[] = [];
    for (let rest = BigInt(`0x${bigEndian.toString('hex')}`); rest > 0n; rest >>= BigInt(bits)) {
      const bytes = Buffer.alloc(stride);
      write(rest & ((1n << BigInt(bits)) - 1n), bytes);
      out.push(bytes);
    }
    return Buffer.concat(out);
  };
}

const u64 = (digit: bigint, bytes: Buffer) => bytes.writeBigUInt64LE(digit);
const smi = (digit: bigint, bytes: Buffer) => bytes.writeUInt32LE(Number(digit), 4);
const compressed = (digit: bigint, bytes: Buffer) => bytes.writeUInt32LE(Number(digit) * 2);
const double = (digit: bigint, bytes: Buffer) => bytes.writeDoubleLE(Number(digit));

const tagged = (digit: bigint, bytes: Buffer) => bytes.writeBigUInt64LE(0xfffe_0000_0000_0000n + digit);

const FORMS = {
  'digits30-le32': digits(30, 4, (digit, bytes) => bytes.writeUInt32LE(Number(digit))),
  'digits28-le32': digits(28, 4, (digit, bytes) => bytes.writeUInt32LE(Number(digit))),
  'digits60-le64': digits(60, 8, u64),
  'digits63-le64': digits(63, 8, u64),
  'v8-smi28': digits(28, 8, smi),
  'v8-smi26': digits(26, 8, smi),
  'v8-smi28c': digits(28, 4, compressed),
  'v8-smi26c': digits(26, 4, compressed),
  'v8-double28': digits(28, 8, double),
  'v8-double26': digits(26, 8, double),
  'jsc-int28': digits(28, 8, tagged),
  'jsc-int26': digits(26, 8, tagged),
};

const made = new Map<string, KeyObject>();

/** The same for each form: to make one of 3072 bits takes longer than to search for it. */
function keyOf(seed: string, bits: number): KeyObject {
  const known = made.get(`${seed} ${bits}`);
  const key = known ?? rsaFrom(seed, bits);
  made.set(`${seed} ${bits}`, key);
  return key;
}

describe('RSA keys in digits', () => {
  test.each(Object.keys(FORMS) as (keyof typeof FORMS)[])('are found as %s', (form) => {
    for (const bits of [1000, 1024, 1152, 1500, 2048, 3000, 3072]) {
      const key = keyOf('digits', bits);
      const { p, q, n } = parts(key);
      const memory = new Memory();
      const random = new SeededRandom(`${form} ${bits}`);
      memory.filler(512);
      for (const value of [p!, q!, n!]) {
        memory.noise(random, 5, 8);
        memory.chunk(FORMS[form](value));
      }
      const found = describeAll(searchBytes(memory.bytes()));
      expect([bits, found.map(({ spki, encoding }) => [spki, encoding])]).toEqual([
        bits,
        [[spkiOf(key), form]],
      ]);
    }
  });

  test.each(Object.keys(FORMS) as (keyof typeof FORMS)[])(
    'of 512 and 768 bits are found with an exponent or their public key: %s',
    (form) => {
      for (const bits of [512, 768]) {
        const key = keyOf('digits', bits);
        const { p, q, n, dp, d } = parts(key);
        const inMemory = (values: readonly Buffer[]) => {
          const memory = new Memory();
          const random = new SeededRandom(`${form} ${bits}`);
          memory.filler(512);
          for (const value of values) {
            memory.noise(random, 5, 8);
            memory.chunk(FORMS[form](value));
          }
          return memory.bytes();
        };
        const spki = Buffer.from(spkiOf(key), 'base64');
        const all = [
          searchBytes(inMemory([p!, q!, n!])),
          searchBytes(inMemory([q!, d!, p!, n!])),
          searchBytes(inMemory([n!, p!, q!, dp!])),
          searchBytes(inMemory([n!, p!, q!]), { publicKeys: [{ spki }] }),
          searchBytes(inMemory([q!]), { publicKeys: [{ spki }] }),
        ];
        const shown = all.map((found) => describeAll(found).map((each) => each.spki));
        expect([bits, shown]).toEqual([bits, [[], ...Array(4).fill([spki.toString('base64')])]]);
      }
    },
  );

  test.each(Object.keys(FORMS) as (keyof typeof FORMS)[])(
    'with a public key are found by an exponent alone: %s',
    (form) => {
      for (const bits of [768, 1024, 2048]) {
        const key = keyOf('exponent', bits);
        const spki = Buffer.from(spkiOf(key), 'base64');
        for (const name of ['d', 'dp', 'dq', 'q']) {
          const memory = new Memory();
          memory.noise(new SeededRandom(`${form} ${bits}`), 5, 8);
          memory.chunk(FORMS[form](parts(key)[name]!));
          const found = describeAll(searchBytes(memory.bytes(), { publicKeys: [{ spki }] }));
          expect([bits, name, found.map((each) => [each.spki, each.encoding])]).toEqual([
            bits,
            name,
            [[spki.toString('base64'), form]],
          ]);
        }
      }
    },
  );

  test('are found if only the modulus is in whole words', () => {
    const key = rsaFrom('mixed', 2048);
    const { p, q, n } = parts(key);
    const memory = new Memory();
    memory.chunk(LAYOUTS['limbs-le']!(n!));
    memory.chunk(FORMS['digits30-le32'](p!));
    memory.chunk(FORMS['v8-smi28'](q!));
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('are not found in tables of small numbers', () => {
    const memory = new Memory();
    for (const step of [1, 3, 7919]) {
      const table = Buffer.alloc(8192);
      for (let i = 0; i < 1024; i++) table.writeUInt32LE((i * step * 65_537) % 2 ** 28, i * 8 + 4);
      memory.chunk(table);
    }
    const { candidates, tried } = searchBytes(memory.bytes());
    expect([candidates.length, tried]).toEqual([0, 0]);
  });
});

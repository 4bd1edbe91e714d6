import { constants, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { scan } from '../../src/index.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { withTempDir } from '../support/folder.js';
import fc, { scattered } from '../support/property.js';
import { parts } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

const key = rsaFrom('signatures', 2048);
const message = Buffer.from('the signed message is in no dump');
const pss = (hash: string, length: number) =>
  sign(hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: length });
const length = Buffer.of(1, 0);
const name = Buffer.from('rsa-sha2-512');

/** A stored signature and the expected evidence. */
const MADE: Readonly<Record<string, { bytes: Buffer; at: number; said: string }>> = {
  'TLS 1.3 with PSS': {
    bytes: Buffer.concat([
      Buffer.from('0f0001040804', 'hex'),
      length,
      pss('sha256', 32),
      Buffer.from('14000020', 'hex'),
    ]),
    at: 8,
    said: 'TLS signature at OFFSET (RSASSA-PSS, SHA-256)',
  },
  'TLS 1.2': {
    bytes: Buffer.concat([Buffer.of(0, 0, 0, 4, 1), length, sign('sha256', message, key)]),
    at: 7,
    said: 'TLS signature at OFFSET (RSASSA-PKCS1-v1_5, SHA-256)',
  },
  'TLS 1.2 after an ephemeral key': {
    bytes: Buffer.concat([
      Buffer.from('0c00016703001d20', 'hex'),
      new SeededRandom('ephemeral').bytes(32),
      Buffer.of(8, 4),
      length,
      pss('sha256', 32),
    ]),
    at: 44,
    said: 'TLS signature at OFFSET (RSASSA-PSS, SHA-256)',
  },
  SSH: {
    bytes: Buffer.concat([
      Buffer.of(0, 0, 0, 12),
      name,
      Buffer.alloc(2),
      length,
      sign('sha512', message, key),
    ]),
    at: 20,
    said: 'SSH signature at OFFSET (RSASSA-PKCS1-v1_5, SHA-512)',
  },
};

/** The proof of the only key found in memory with its primes and these bytes. */
async function proofOf(bytes: Buffer, gap = 0): Promise<{ proof: readonly string[]; at: number }> {
  const memory = new Memory();
  memory.filler(2048);
  for (const part of ['p', 'q', 'n']) memory.chunk(LAYOUTS['limbs-le']!(parts(key)[part]!));
  memory.noise(new SeededRandom('signatures'), 10, 32);
  memory.filler(512);
  const at = memory.chunk(bytes);
  memory.filler(gap);
  return withTempDir(async (folder) => {
    const path = join(folder, 'memory.raw');
    writeFileSync(path, memory.bytes());
    for await (const event of scan({ paths: [path], jobs: 1 }))
      if (event.type === 'finding') return { proof: event.proof, at };
    throw new Error('no key was found');
  });
}

const signatures = (proof: readonly string[]) => proof.filter((each) => each.startsWith('made the'));

describe('a signature in memory is part of the proof of its key', () => {
  test.each(Object.keys(MADE))('%s', async (form) => {
    const { bytes, at: inside, said } = MADE[form]!;
    const { proof, at } = await proofOf(bytes);
    expect(signatures(proof)).toEqual([
      `made the ${said.replace('OFFSET', `0x${(at + inside).toString(16)}`)}`,
    ]);
  });

  test('also if it is cached from an earlier search', async () => {
    expect(signatures((await proofOf(MADE.SSH!.bytes, 9000)).proof)).toHaveLength(1);
  });

  test('not without a header: it may be that of a certificate', async () => {
    for (const bytes of [pss('sha384', 48), Buffer.concat([Buffer.of(3, 0x82, 1, 1, 0), pss('sha256', 32)])])
      expect(signatures((await proofOf(bytes)).proof)).toEqual([]);
  });

  test('not with a changed bit or another key', async () => {
    const { bytes, at } = MADE['TLS 1.3 with PSS']!;
    for (const bit of [5, 700, 2047]) {
      const changed = Buffer.from(bytes);
      changed[at + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(signatures((await proofOf(changed)).proof)).toEqual([]);
    }
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(createPublicKey(other).equals(createPublicKey(key))).toBe(false);
    const theirs = Buffer.concat([Buffer.of(0, 0, 0, 4, 1), length, sign('sha256', message, other)]);
    expect(signatures((await proofOf(theirs)).proof)).toEqual([]);
  });
});

test('the kernel finds lengths after a scheme or two zeros, as a scan byte by byte does', () => {
  const kernel = NumberKernel.take();
  const schemes = [0x0201, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b];
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 4, 7, 8, 11, 12, 128), fc.integer({ min: 0, max: 255 }));
  const size = fc.constantFrom(64, 128, 256, 264, 384, 2048, 2056);
  const pair = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, ...schemes, 0x0301, 0x0807, 0x0800) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
  );
  const head = fc.tuple(pair, size).map((both) => both.flatMap((each) => [each >> 8, each & 255]));
  let seen = 0;
  fc.assert(
    fc.property(
      scattered(byte, head),
      fc.subarray([64, 128, 256, 384, 2048], { minLength: 1 }),
      fc.integer({ min: 1, max: 20 }),
      (all, sizes, most) => {
        const word = (at: number) => (all[at]! << 8) | all[at + 1]!;
        const heads = [...all.keys()]
          .slice(2, -1)
          .filter((at) => sizes.includes(word(at)) && [0, ...schemes].includes(word(at - 2)));
        seen += heads.length;
        kernel.scratch(() => {
          const [at, lengths, out] = [all.length, 33, most * 4].map((size) => kernel.allocate(size)) as [
            number,
            number,
            number,
          ];
          kernel.view(at, all.length).set(all);
          const bits = kernel.view(lengths, 33).fill(0);
          for (const octets of sizes) bits[octets >> 6]! |= 1 << ((octets >> 3) & 7);
          const count = kernel.call.lengthHeads(at + 2, at + all.length - 1, lengths, out, most);
          expect([...kernel.u32(out, count)].map((distance) => distance + 2)).toEqual(heads.slice(0, most));
        });
      },
    ),
    { numRuns: 300 },
  );
  expect(seen).toBeGreaterThan(300);
  kernel.release();
});

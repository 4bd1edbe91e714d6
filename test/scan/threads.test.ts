import { createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { ScanOptions } from '../../src/api/scan.js';
import { Memory } from '../search/memory.js';
import { ecFrom, ed25519From, rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Bytes of a file for which workers start. */
const LARGE = 12 << 20;
/** More likely numbers, read in several ways, than one thread multiplies alone. */
const NUMBERS = 1000;

/** One random number in 40 has a word that does not look random, these have none. */
const KEYS: Readonly<Record<string, KeyObject>> = {
  p256: ecFrom('use', 'P-256', 'prime256v1', 32).key,
  secp256k1: ecFrom('use', 'secp256k1', 'secp256k1', 32).key,
  p384: ecFrom('use', 'P-384', 'secp384r1', 48).key,
  ed25519: ed25519From('use'),
  rsa: rsaFrom('use', 1024),
};
/** Members of a JSON Web Key that are private. */
const MEMBERS = ['d', 'p', 'q'] as const;

const numbersOf = (key: KeyObject): Buffer[] => {
  const jwk = key.export({ format: 'jwk' });
  return MEMBERS.flatMap((member) =>
    jwk[member] === undefined ? [] : [Buffer.from(jwk[member], 'base64url')],
  );
};

/** Keys as bare numbers far from their public halves, among many others. */
function memoryWithKeys(): Buffer {
  const random = new SeededRandom('threads');
  const memory = new Memory();
  const keys = Object.values(KEYS);
  for (const key of keys) memory.chunk(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  memory.noise(random, NUMBERS, 4);
  memory.noise(random, NUMBERS / 4, 6);
  for (const key of keys) {
    memory.filler(8192);
    for (const number of numbersOf(key)) memory.chunk(number);
  }
  memory.noise(random, NUMBERS, 4);
  return Buffer.concat([memory.bytes(), Buffer.alloc(LARGE - memory.length)]);
}

/** What a scan reports, without what differs from run to run. */
async function reported(options: ScanOptions): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const event of scan(options)) {
    if (event.type === 'finding')
      all.push([event.ruleId, event.counts, event.occurrences.map(({ offset }) => offset), event.key]);
    if (event.type === 'artifact') all.push(event.coverage.limits);
  }
  return all;
}

test('1, 2 and 8 threads find the same keys in the same order, in a file and in a pipe', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'memory.raw');
    writeFileSync(path, memoryWithKeys());
    const one = await reported({ paths: [path], jobs: 1 });
    expect(one.filter((each) => JSON.stringify(each).includes('private-key-number'))).toHaveLength(
      Object.keys(KEYS).length,
    );
    for (const jobs of [2, 8]) expect(await reported({ paths: [path], jobs })).toEqual(one);
    for (const jobs of [1, 8])
      expect(await reported({ paths: ['-'], stdin: createReadStream(path), jobs })).toEqual(one);
  });
});

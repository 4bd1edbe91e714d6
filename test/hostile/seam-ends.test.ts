import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildElfCore } from '../formats/build-elf.js';
import { ecFrom, rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { collect } from './collect.js';

/** A key at the end of a segment whose rest is missing from the dump; unrelated bytes follow in the file. */

const FILLER = Buffer.alloc(8192, 'nothing to see here. ');
const OTHERS = Buffer.alloc(4096, 'other bytes ');

const KEYS = {
  'PKCS#1': rsaFrom('seam ends', 2048).export({ format: 'der', type: 'pkcs1' }),
  'SEC 1': ecFrom('seam ends', 'P-256', 'prime256v1', 32).key.export({ format: 'der', type: 'sec1' }),
};

/**
 * Cuts in qinv, and in the point: before its x, and behind it, which then is the one that the scalar gives.
 * The bytes that follow would complete the key if read on.
 */
const CUTS = [
  ['PKCS#1', 1100, 'proven'],
  ['PKCS#1', 1150, 'proven'],
  ['SEC 1', 60, 'medium'],
  ['SEC 1', 100, 'proven'],
] as const;

/** The findings of a core with one segment, optionally followed by one that is elsewhere in memory. */
async function placesIn(memory: Buffer, others?: Buffer) {
  const near = { vaddr: 0x10000n, bytes: memory };
  const segments = others ? [near, { vaddr: 0x900000n, bytes: others }] : [near];
  return withTempDir(async (folder) => {
    const path = join(folder, 'core');
    const { bytes, offsets } = buildElfCore({ segments });
    writeFileSync(path, bytes);
    const { findings, summary } = await collect({ paths: [path] });
    const places = findings.flatMap(({ confidence, occurrences }) =>
      occurrences.map(({ offset, length, partial, notAdjacentInMemory }) => ({
        ...{ confidence, offset: offset - offsets[0]!, length, partial, notAdjacentInMemory },
      })),
    );
    return { exit: summary.exit, places };
  });
}

describe('a key that ends with its segment is reported as at the end of the file', () => {
  test.each(CUTS)('%s, cut after %i bytes', async (form, cut, confidence) => {
    const memory = Buffer.concat([FILLER, KEYS[form].subarray(0, cut)]);
    const alone = await placesIn(memory);
    expect(alone).toMatchObject({ exit: 1, places: [{ confidence, offset: FILLER.length, partial: true }] });
    expect(await placesIn(memory, OTHERS)).toEqual(alone);
  });

  test('and is whole if its rest follows in memory', async () => {
    const [left, right] = [KEYS['PKCS#1'].subarray(0, 1100), KEYS['PKCS#1'].subarray(1100)];
    const whole = await placesIn(Buffer.concat([FILLER, left]), Buffer.concat([right, OTHERS]));
    expect(whole).toMatchObject({
      exit: 1,
      places: [
        {
          confidence: 'proven',
          offset: FILLER.length,
          length: 1100 + right.length,
          notAdjacentInMemory: true,
        },
      ],
    });
  });
});

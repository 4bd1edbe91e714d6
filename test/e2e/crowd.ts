import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { keyResults } from './bare/key-result.js';
import { freshKeys, writeKeys } from './bare/keys.js';
import { sightingsIn } from './bare/oracle.js';
import { dumpOf, type Program, stopAll } from './bare/program.js';

/**
 * Octets of numbers that may be a scalar, a seed, a coordinate or a prime, and their count in front of the
 * dump.
 */
const SIZES = [32, 48, 64, 128, 256];
const EACH = 12_000;

/**
 * Numbers in separate objects without a matching header: preceded by a word with a code address, followed by
 * zeros.
 */
function decoyNumbers(): Buffer {
  const random = new SeededRandom('crowd');
  const objects: Buffer[] = [];
  for (let i = 0; i < EACH; i++)
    for (const size of SIZES) {
      const header = Buffer.alloc(8);
      header.writeUInt32LE(0x40_0000 + 16 * i);
      objects.push(header, random.bytes(size), Buffer.alloc(24));
    }
  return Buffer.concat(objects);
}

/**
 * A real process after more numbers than any search tries: numbers with a header of matching length come
 * first.
 */
export function describeInCrowd(program: Program): void {
  const { name, needs, keys: names, files, start } = program;
  describeWith(['gdb', ...needs], `keys of ${name} after tens of thousands of numbers`, () => {
    test('are all found', async () => {
      await withTempDir(async (folder) => {
        const keys = freshKeys(names);
        const place = writeKeys(folder, keys, files);
        const decoys = decoyNumbers();
        try {
          const [process] = await start(folder);
          rmSync(place, { recursive: true });
          const core = await dumpOf(process!, folder);
          // Raw memory: an ELF file would be recognised at its first byte.
          const path = join(folder, 'memory');
          writeFileSync(
            path,
            Buffer.concat([decoys, Buffer.alloc(-decoys.length & 4095), readFileSync(core)]),
          );
          rmSync(core);
          const { status, report } = await scanJson([path]);
          const held = keys as Record<string, NonNullable<(typeof keys)['rsa']>>;
          const results = keyResults(name, held, report, sightingsIn(path, held));
          const present = results.filter(({ findable }) => findable);
          expect(present.map(({ key, proven }) => [key, proven])).toEqual(
            present.map(({ key }) => [key, true]),
          );
          expect(present.length).toBeGreaterThan(0);
          expect(status).toBe(1);
          const searches = report.artifacts[0]!.coverage.limits.map(({ search }) => search);
          expect(searches).toEqual(expect.arrayContaining(['ec-points', 'rsa-unknown-n']));
        } finally {
          await stopAll();
        }
      });
    });
  });
}

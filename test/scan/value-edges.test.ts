import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { ScanOptions } from '../../src/api/scan.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Named values over the edges of what is swept, read or received at once. */

const MiB = 2 ** 20;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const NAME = 'JWT_SECRET=';
const SIZE = 32;

/** Variables of an environment; `cut`: how many bytes of one lie before its edge. */
function memoryWith(cuts: readonly number[], encoding: 'latin1' | 'utf16le') {
  const random = new SeededRandom(`edges ${cuts[0]} ${encoding}`);
  const unit = encoding === 'latin1' ? 1 : 2;
  const memory = Buffer.alloc((cuts.length + 1) * MiB);
  const places = cuts.map((cut, i) => {
    const at = (i + 1) * MiB - cut;
    memory.write(NAME + random.text(SIZE, LETTERS), at, encoding);
    return at + NAME.length * unit;
  });
  return { memory, places };
}

async function placesOf(options: ScanOptions): Promise<number[]> {
  const places: number[] = [];
  for await (const event of scan(options))
    if (event.type === 'finding' && event.ruleId === 'named-secret:jwt-secret')
      places.push(...event.occurrences.map(({ offset }) => offset));
  return places.sort((a, b) => a - b);
}

/** Pieces of these sizes, in turn. */
function* pieces(memory: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < memory.length; i++) {
    const next = at + sizes[i % sizes.length]!;
    yield memory.subarray(at, next);
    at = next;
  }
}

describe.each([
  ['UTF-8', 'latin1', 1],
  ['UTF-16', 'utf16le', 2],
] as const)('a name and value of %s over an edge', (_, encoding, unit) => {
  const length = (NAME.length + SIZE) * unit;
  const cuts = Array.from({ length: length + 1 }, (_, cut) => cut);

  test('of a chunk of the sweep, wherever it divides them', async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'memory.raw');
      const { memory, places } = memoryWith(cuts, encoding);
      writeFileSync(path, memory);
      expect(await placesOf({ paths: [path], jobs: 2 })).toEqual(places);
    });
  });

  test('of what arrives on standard input', async () => {
    const { memory, places } = memoryWith(
      [1, NAME.length, NAME.length + 1, 40].map((at) => at * unit),
      encoding,
    );
    // An edge in each variable, a byte further in the next.
    const stdin = Readable.from(pieces(memory, [MiB - 3, 5, MiB - 1]));
    expect(await placesOf({ paths: ['-'], stdin })).toEqual(places);
  });

  test('of small pieces of standard input', async () => {
    const { memory, places } = memoryWith([17 * unit], encoding);
    const stdin = Readable.from(pieces(memory, [997, 64, 4093]));
    expect(await placesOf({ paths: ['-'], stdin })).toEqual(places);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { redact } from '../../src/api/redact.js';
import { ZstdFrameWriter } from '../../src/redact/encodings/encodings.js';
import { program } from '../source/collect.js';
import { withTempDir } from '../support/folder.js';
import { BuiltProcess } from './built-core.js';
import { encoded } from './encoded.js';

/** gzip and zstd of the system write the dump and read the copy. */
const PROGRAMS: [name: string, write: string[], read: string[]][] = [
  ['gzip', ['-c'], ['-dc']],
  ['gzip', ['-c9N'], ['-dc']],
  ['zstd', ['-qc'], ['-qdc']],
  ['zstd', ['-qc', '--no-check', '-19'], ['-qdc']],
];

test.each(PROGRAMS)('%s %j reads the copy of what it wrote', (name, write, read) =>
  withTempDir(async (folder) => {
    const dump = new BuiltProcess('programs').core().bytes;
    const [plain, input, output] = ['plain', 'in', 'out'].map((each) => join(folder, each)) as [
      ...[string, string, string],
    ];
    writeFileSync(plain, dump);
    writeFileSync(input, program(name, write, dump));
    await redact({ input: plain, output: `${plain}.out`, keep: 'backtrace' });
    await redact({ input, output, keep: 'backtrace' });
    expect(program(name, read, readFileSync(output)).equals(readFileSync(`${plain}.out`))).toBe(true);
  }),
);

test('zstd reads frames without compression', async () => {
  const random = new SeededRandom('frames');
  for (const length of [0, 1, 2, 131_071, 131_072, 131_073, 300_000]) {
    const bytes = Buffer.concat([random.bytes(length), Buffer.alloc(200_000, 42)]);
    const file = await encoded(new ZstdFrameWriter(bytes.length), bytes, [70_000]);
    expect(program('zstd', ['-qdc'], file).equals(bytes)).toBe(true);
    expect(file.length).toBeLessThan(length + 140_000);
  }
});

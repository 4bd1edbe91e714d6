import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { damage, KINDS } from './container-damage.js';

/** Twenty of each; all of them: `node dist/bench/container-damage.js`. */
const TOOLS = ['xz', 'lz4', 'bzip2', 'bsdtar', '7z', 'cpio', 'ar', 'zip', 'zstd', 'gzip', 'gcab'] as const;
describeWith([...TOOLS], 'damaged containers', () => {
  const core = readFileSync('fixtures/dumps/signer.core');
  test.each(KINDS)('$name', async (kind) => {
    expect(await damage(kind, core, 20)).toEqual([]);
  });
});

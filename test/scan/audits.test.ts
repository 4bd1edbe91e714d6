import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { scanWithin } from '../../src/api/scan.js';
import { snapshot } from '../formats/promised-dumps.js';
import { withTempDir } from '../support/folder.js';

const whole = snapshot().bytes;

/** Exit status of a compressed snapshot. `large`: stored bytes from which on it is swept while decoded. */
const exitOf = (bytes: Buffer, large: number): Promise<number | undefined> =>
  withTempDir(async (folder) => {
    const path = join(folder, 'heap.heapsnapshot.gz');
    writeFileSync(path, gzipSync(bytes));
    for await (const event of scanWithin({ paths: [path], jobs: 1, entropyNet: false }, { large }))
      if (event.type === 'summary') return event.exit;
    return undefined;
  });

test.each([
  ['in a spool', Number.MAX_SAFE_INTEGER],
  ['while it is decoded', 0],
])('a compressed heap snapshot is compared with its head %s', async (_how, large) => {
  expect(await exitOf(whole, large)).toBe(0);
  for (const length of [whole.length >> 2, whole.length >> 1, whole.length - 1])
    expect(await exitOf(whole.subarray(0, length), large)).toBe(2);
  const counted = whole.toString().replace('"node_count":40', '"node_count":41');
  expect(await exitOf(Buffer.from(counted), large)).toBe(2);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scan } from '../../src/api/scan.js';
import type { ArtifactReport } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

/** More placeholders than `--effort quick` examines, farther apart than the rule's window. */
const FLOOD = Buffer.from(`AKIA${'ABCDEFGHIJKLMNOP'}${'\0'.repeat(60)}`.repeat(12_600));

const report = (bytes: Uint8Array): Promise<ArtifactReport> =>
  withTempDir(async (folder) => {
    const path = join(folder, 'dump');
    writeFileSync(path, bytes);
    const options = { only: ['aws-access-key-id'], jobs: 1, effort: 'quick' } as const;
    for await (const event of scan({ paths: [path], ...options }))
      if (event.type === 'artifact') return event;
    throw new Error('no artifact');
  });

const behind = (magic: string): Buffer =>
  Buffer.concat([Buffer.from(magic.padEnd(64, '\0'), 'latin1'), FLOOD]);

test.each([
  ['a file that is searched', FLOOD, 0, ['detect'], ['hits-not-examined']],
  ['a kdump', behind('KDUMP   \x06'), 1, [], ['format-not-decoded']],
  ['a hibernation file', behind('hibr\x01'), 1, [], ['format-not-decoded']],
  ['an archive of lha', behind('\x20\0-lh5-'), 1, [], ['container-not-unpacked']],
])('%s', async (_what, bytes, unread, limits, warnings) => {
  const { coverage, warnings: found } = await report(bytes);
  expect(coverage.file.unread).toHaveLength(unread);
  expect(coverage.limits.map(({ search }) => search)).toEqual(limits);
  expect(found.map(({ code }) => code)).toEqual(warnings);
});

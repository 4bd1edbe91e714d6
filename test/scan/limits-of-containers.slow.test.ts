import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { scan } from '../../src/api/scan.js';
import { withTempDir } from '../support/folder.js';

// Farther apart than the rule's window: each is examined by itself.
const PLACEHOLDER = `AKIA${'ABCDEFGHIJKLMNOP'}${'\0'.repeat(60)}`;
/** More placeholders than `--effort quick` examines. Stored blocks show them in the container, too. */
const flood = gzipSync(PLACEHOLDER.repeat(12_600), { level: 0 });

/** The flood with an extra field (RFC 1952, section 2.3.1.1). */
function withExtraField(): Buffer {
  const header = Buffer.from(flood.subarray(0, 10));
  header[3] = 4;
  return Buffer.concat([header, Buffer.from([4, 0, 1, 2, 0, 0]), flood.subarray(10)]);
}

/** Artifacts with a limit of the rule's hits. */
const limited = (bytes: Uint8Array): Promise<string[]> =>
  withTempDir(async (folder) => {
    const path = join(folder, 'flood.gz');
    writeFileSync(path, bytes);
    const options = { only: ['aws-access-key-id'], jobs: 1, effort: 'quick' } as const;
    const found: string[] = [];
    for await (const event of scan({ paths: [path], ...options }))
      if (event.type === 'artifact' && event.coverage.limits.some(({ search }) => search === 'detect'))
        found.push(event.path.slice(folder.length + 1));
    return found;
  });

const both = ['flood.gz', 'flood.gz!flood'];

test.each<[string, Uint8Array, string[]]>([
  ['has none if it was decoded: they are those of the content', flood, ['flood.gz!flood']],
  ['keeps its limits if it has a field besides', withExtraField(), both],
  ['keeps them if it is damaged', flood.subarray(0, -4), both],
  ['keeps them if something follows', Buffer.concat([flood, Buffer.from('x')]), both],
])('a container %s', async (_, bytes, expected) => {
  expect(await limited(bytes)).toEqual(expected);
});

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { scan } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

/** Digests that --hash gives: of the bytes of an artifact, an archive with its members. */

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const { bytes: dump } = fixtureDumps()[0]!;

/** A tar header (ustar) and its content; the header says nothing of the content but its length. */
function tar(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.fill(' ', 148, 156);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

async function digestsOf(path: string): Promise<Record<string, string | undefined>> {
  const digests: Record<string, string | undefined> = {};
  for await (const event of scan({ paths: [path], hash: true }))
    if (event.type === 'artifact') digests[event.path.slice(path.length)] = event.sha256;
  return digests;
}

test('are those of the files, and of what is in them', async () => {
  await withTempDir(async (folder) => {
    const other = Buffer.from(dump);
    other[other.length - 1]! ^= 1;
    for (const [name, bytes, member] of [
      ['a.core', dump, undefined],
      ['a.tar', tar('member', dump), dump],
      // Only the content differs.
      ['b.tar', tar('member', other), other],
      ['a.tar.gz', gzipSync(tar('member', dump)), dump],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      const digests = await digestsOf(path);
      expect(digests['']).toBe(sha256(readFileSync(path)));
      if (member !== undefined) expect(Object.values(digests)).toContain(sha256(member));
    }
  });
});

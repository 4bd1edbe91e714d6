import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { scanWithin } from '../../src/api/scan.js';
import type { ScanEvent } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

/** Members that are swept while they are decoded, as large containers are. */

const random = new SeededRandom('large members');
const token = githubToken(random);
const content = Buffer.concat([
  Buffer.from(random.bytes(300_000)),
  Buffer.from(` ${token} `),
  random.bytes(50_000),
]);

/** A ZIP archive of one member, without a directory: it is found by its local header (APPNOTE.TXT, 4.3.7). */
function zip(crc: number): Buffer {
  const data = deflateRawSync(content);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt32LE(content.length, 22);
  header.writeUInt16LE(4, 26);
  return Buffer.concat([header, Buffer.from('core'), data]);
}

async function scanned(bytes: Buffer, large: number): Promise<ScanEvent[]> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'a.zip');
    writeFileSync(path, bytes);
    const events: ScanEvent[] = [];
    for await (const event of scanWithin({ paths: [path], hash: true }, { large })) events.push(event);
    return events;
  });
}

const artifacts = (events: ScanEvent[]) =>
  events.flatMap((event) =>
    event.type === 'artifact' ? [{ ...event, path: event.path.split('/').at(-1) }] : [],
  );

test('a large member is the same artifact as a small one', async () => {
  const [small, large] = [await scanned(zip(crc32(content)), 1e9), await scanned(zip(crc32(content)), 1000)];
  const [, member] = artifacts(large);
  expect(member).toMatchObject({
    path: 'a.zip!core',
    coverage: { file: { bytes: content.length, unread: [] } },
  });
  expect(member?.sha256).toBe(artifacts(small)[1]?.sha256);
  expect(member?.sha256).toMatch(/^[0-9a-f]{64}$/);
  const places = (events: ScanEvent[]) =>
    events.flatMap((event) =>
      event.type === 'finding' ? event.occurrences.map(({ offset }) => offset) : [],
    );
  expect(places(large)).toEqual([300_001]);
  expect(places(small)).toEqual([300_001]);
});

test('a large member that differs from its CRC-32 is unread', async () => {
  const [, member] = artifacts(await scanned(zip(1), 1000));
  expect(member?.warnings.map(({ code }) => code)).toEqual(['member-checksum']);
  expect(member?.coverage.file.unread).toMatchObject([{ offset: 0, length: content.length }]);
});

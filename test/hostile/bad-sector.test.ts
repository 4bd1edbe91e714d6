import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type ByteReader, bufferReader, lenient } from '../../src/core/base/bytes/storage.js';
import { OpenDump } from '../../src/scan/open-dump.js';

const SECTOR = 4096;
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const bytes = Buffer.alloc(16 * SECTOR, 0x20);
bytes.write(`${pem}`, 8 * SECTOR - 900);

/** A disk on which sector 8 cannot be read. */
const disk: ByteReader = {
  length: bytes.length,
  read(offset, target) {
    if (offset < 9 * SECTOR && offset + target.length > 8 * SECTOR)
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    return bufferReader(bytes).read(offset, target);
  },
};

describe('a bad sector', () => {
  test.each([
    [0, 100, 100],
    [7 * SECTOR, SECTOR, SECTOR],
    [5 * SECTOR, 6 * SECTOR, 3 * SECTOR],
    [8 * SECTOR, 10, 0],
    [8 * SECTOR + 5, 2 * SECTOR, 0],
    [9 * SECTOR, SECTOR, SECTOR],
  ])('ends what is read of %i + %i bytes after %i', (offset, length, expected) => {
    const failures: [number, string][] = [];
    const target = Buffer.alloc(length);
    const read = lenient(disk, (...failure) => failures.push(failure)).read(offset, target);
    expect(read).toBe(expected);
    expect(target.subarray(0, read).equals(bytes.subarray(offset, offset + read))).toBe(true);
    expect(failures).toEqual(expected < length ? [[offset + expected, 'EIO']] : []);
  });
});

test('a failing descriptor is reported by the artifact that is read again, without an exception', () => {
  const storage = { kind: 'file', fd: 2 ** 30, length: bytes.length } as const;
  const artifact = { path: 'core', storage, live: false, unread: [], warnings: [], close: () => {} };
  const opened = new OpenDump(artifact, 0);
  expect(opened.view.window(8 * SECTOR, 100, 100).bytes).toHaveLength(0);
  expect(opened.failed).toEqual({ offset: 0, error: 'EBADF' });
});

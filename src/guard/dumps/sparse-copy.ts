import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { isZero } from '../../base/bytes/zeros.js';
import type { FileDigest } from '../../redact/manifest/manifest.js';

/** Zeros are left out in blocks of this size, which are holes of the file then. */
const BLOCK = 4096;

/**
 * Writes a stream to an open, empty file, with holes where it has zeros, and to the disk. Returns its digest.
 */
export async function writeSparse(fd: number, chunks: AsyncIterable<Uint8Array>): Promise<FileDigest> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    for (const [start, end] of dataOf(chunk)) writeAll(fd, chunk.subarray(start, end), length + start);
    length += chunk.length;
  }
  fs.ftruncateSync(fd, length);
  fs.fsyncSync(fd);
  return { bytes: length, sha256: hash.digest('hex') };
}

/** The parts of a chunk between blocks of zeros. */
function* dataOf(chunk: Uint8Array): Generator<[start: number, end: number]> {
  let start = 0;
  let end = 0;
  for (let at = 0; at < chunk.length; at += BLOCK) {
    const next = Math.min(at + BLOCK, chunk.length);
    if (!isZero(chunk.subarray(at, next))) {
      end = next;
      continue;
    }
    if (end > start) yield [start, end];
    start = next;
    end = next;
  }
  if (end > start) yield [start, end];
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; )
    done += fs.writeSync(fd, bytes, done, bytes.length - done, offset + done);
}

/** The bytes of an open file. */
export async function* chunksOf(fd: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(2 ** 20);
  for (let at = 0; ; ) {
    const length = fs.readSync(fd, chunk, 0, chunk.length, at);
    if (length === 0) return;
    yield chunk.subarray(0, length);
    at += length;
  }
}

/** SHA-256 of an open file, in hexadecimal. */
export async function sha256Of(fd: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(fd)) hash.update(chunk);
  return hash.digest('hex');
}

/** {@link sha256Of} of a file that is no link. */
export async function digestOf(name: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW = 0 } = fs.constants;
  const fd = fs.openSync(name, O_RDONLY | O_NOFOLLOW);
  try {
    return await sha256Of(fd);
  } finally {
    fs.closeSync(fd);
  }
}

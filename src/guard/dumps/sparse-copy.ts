import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { rangeReader } from '../../core/base/bytes/direct-reads.js';
import type { Storage } from '../../core/base/bytes/storage.js';
import { isZero } from '../../core/base/bytes/zeros.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { FileDigest } from '../../redact/manifest/manifest.js';
import { close, fstat, openDirect } from '../../source/file-system.js';

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

/** Pages of WebAssembly of a chunk: its memory begins at a page, as direct reads want it. */
const CHUNK_PAGES = 16;

/**
 * The bytes of an open file, a chunk at a time, which the next one overwrites. Holes are read directly: the
 * page cache would cost up to 8 s a GiB.
 */
export async function* chunksOf(fd: number): AsyncGenerator<Uint8Array> {
  const stats = await fstat(fd);
  const direct = await openDirect(fd, stats);
  try {
    const storage: Storage = { kind: 'file', fd, length: Number(stats.size), ...definedFields({ direct }) };
    const reader = rangeReader(storage);
    const chunk = new Uint8Array(new WebAssembly.Memory({ initial: CHUNK_PAGES }).buffer);
    for (let at = 0; at < reader.length; ) {
      const length = reader.read(at, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
      at += length;
    }
  } finally {
    if (direct !== undefined) close(direct);
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

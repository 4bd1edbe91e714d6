import { createDecipheriv } from 'node:crypto';
import { readSync } from 'node:fs';
import { systemCode } from '../runtime/errors.js';
import { wipeAfterRuns } from '../runtime/scratch.js';
import { type FilledRanges, filledReader } from './filled.js';
import { piecesReader, sliceReader } from './parts.js';
import type { Pieces } from './pieces.js';
import { readerWithTail, type Tail } from './tail.js';

/**
 * Location of an artifact's stored bytes, as plain data: posted to workers, which open the same bytes. All
 * threads of the process share the file descriptors; the creator of the Storage closes them.
 */
export type Storage =
  /** `direct`: a descriptor of the same file with O_DIRECT, if the file has holes (direct-reads.ts). */
  | { kind: 'file'; fd: number; length: number; direct?: number }
  | { kind: 'memory'; bytes: SharedArrayBuffer; length: number }
  /** An unlinked spool: AES-256-CTR, counter 0 at offset 0, key only in memory. */
  | { kind: 'sealed'; fd: number; key: Uint8Array; length: number }
  /**
   * The last bytes of a stream: offset n is at n modulo the size of `bytes`. `written[0]` counts the bytes
   * written so far.
   */
  | { kind: 'ring'; bytes: SharedArrayBuffer; written: BigInt64Array<SharedArrayBuffer>; length: number }
  /** Another storage, and bytes of it once more in another order. */
  | { kind: 'tailed'; stored: Storage; tail: Tail; length: number }
  /** A part of another storage. */
  | { kind: 'slice'; stored: Storage; offset: number; length: number }
  /** Parts of another storage; bytes between them are zero. */
  | { kind: 'pieces'; stored: Storage; pieces: Pieces; length: number }
  /** Another storage, with ranges that are read as one repeated byte: a copy before it is written. */
  | { kind: 'filled'; stored: Storage; ranges: FilledRanges; length: number };

/** A copy of some bytes in shared memory. */
export function memoryStorage(bytes: Uint8Array): Storage {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return { kind: 'memory', bytes: shared, length: bytes.length };
}

/**
 * Bytes around a hit are read in aligned pages of this size: most windows are a few hundred bytes and far
 * apart.
 */
export const PAGE = 8 * 1024;

/** Positional reads; offsets and lengths in bytes. */
export interface ByteReader {
  /** Length known when the artifact was opened. */
  readonly length: number;
  /**
   * How many of these bytes, from the first on, are cached; reading others is far slower. Absent: all are.
   */
  near?(offset: number, length: number): number;
  /** Reads of whole blocks at multiples of them are faster (direct-reads.ts). */
  readonly inBlocks?: boolean;
  /**
   * Fills `target` from `offset` on; returns the number of bytes, less than its length only at the end of the
   * stored bytes.
   */
  read(offset: number, target: Uint8Array): number;
}

function readFully(fd: number, offset: number, target: Uint8Array): number {
  let done = 0;
  while (done < target.length) {
    const n = readSync(fd, target, done, target.length - done, offset + done);
    if (n === 0) break;
    done += n;
  }
  return done;
}

/** Initial counter block of the AES block at `offset` (NIST SP 800-38A, section 6.5). */
export function counterBlock(offset: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeBigUInt64BE(BigInt(Math.floor(offset / 16)), 8);
  return iv;
}

/**
 * Scratch buffer for sealed bytes, reused by each read: a new one each time would burden the garbage
 * collector.
 */
let scratchBuffer = Buffer.alloc(0);
wipeAfterRuns(() => scratchBuffer.fill(0));

function scratch(length: number): Buffer {
  if (scratchBuffer.length < length) scratchBuffer = Buffer.alloc(length);
  return scratchBuffer.subarray(0, length);
}

const openers: { [K in Storage['kind']]: (storage: Extract<Storage, { kind: K }>) => ByteReader } = {
  file: ({ fd, length }) => ({ length, read: (offset, target) => readFully(fd, offset, target) }),
  memory: ({ bytes, length }) => bufferReader(new Uint8Array(bytes, 0, length)),
  sealed: ({ fd, key, length }) => ({
    length,
    read(offset, target) {
      const skip = offset % 16;
      const want = Math.max(0, Math.min(target.length, length - offset));
      const sealed = scratch(skip + want);
      const n = Math.max(0, readFully(fd, offset - skip, sealed) - skip);
      const plain = createDecipheriv('aes-256-ctr', key, counterBlock(offset - skip)).update(sealed);
      target.set(plain.subarray(skip, skip + n));
      return n;
    },
  }),
  ring: ringReader,
  tailed({ stored, tail }) {
    const reader = openStorage(stored);
    return readerWithTail(
      () => reader,
      () => tail,
    );
  },
  slice: ({ stored, offset, length }) => sliceReader(openStorage(stored), offset, length),
  pieces: ({ stored, pieces, length }) => piecesReader(openStorage(stored), pieces, length),
  filled: ({ stored, ranges }) => filledReader(openStorage(stored), ranges),
};

/** Reads a ring. The caller makes sure that the bytes have been written and not overwritten. */
function ringReader({ bytes, written, length }: Extract<Storage, { kind: 'ring' }>): ByteReader {
  const all = new Uint8Array(bytes);
  return {
    length,
    read(offset, target) {
      const count = Math.max(0, Math.min(target.length, Number(Atomics.load(written, 0)) - offset));
      const at = offset % all.length;
      const straight = Math.min(count, all.length - at);
      target.set(all.subarray(at, at + straight));
      if (straight < count) target.set(all.subarray(0, count - straight), straight);
      return count;
    },
  };
}

/** Opens a Storage for positional reads. System errors of a read are thrown unchanged. */
export function openStorage(storage: Storage): ByteReader {
  return (openers[storage.kind] as (s: Storage) => ByteReader)(storage);
}

export function bufferReader(bytes: Uint8Array): ByteReader {
  return {
    length: bytes.length,
    read(offset, target) {
      const part = bytes.subarray(
        Math.min(offset, bytes.length),
        Math.min(bytes.length, offset + target.length),
      );
      target.set(part);
      return part.length;
    },
  };
}

/** Granularity of the search for the readable part before a bad sector. */
const SECTOR = 4096;

/** Bytes read, from the first on; `error`: the system's error code if a bad sector ended the read. */
export interface Read {
  bytes: number;
  error?: string;
}

/** Reads up to the first bad sector: after a failure the range is read again sector by sector. */
export function readSectors(reader: ByteReader, at: number, target: Uint8Array): Read {
  try {
    return { bytes: reader.read(at, target) };
  } catch {
    let done = 0;
    try {
      while (done < target.length) {
        const n = reader.read(at + done, target.subarray(done, done + SECTOR));
        if (n === 0) break;
        done += n;
      }
      return { bytes: done };
    } catch (error) {
      return { bytes: done, error: systemCode(error) ?? 'EIO' };
    }
  }
}

/**
 * A Reader for second reads, around hits. A bad sector ends the bytes, since the sweep has reported it;
 * `failed` is called with its offset and the system's error code.
 */
export function lenient(
  reader: ByteReader,
  failed: (offset: number, error: string) => void = () => {},
): ByteReader {
  return {
    ...reader,
    length: reader.length,
    read(offset, target) {
      const { bytes, error } = readSectors(reader, offset, target);
      if (error !== undefined) failed(offset + bytes, error);
      return bytes;
    },
  };
}

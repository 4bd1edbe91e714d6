import { createDecipheriv } from 'node:crypto';
import { readSync } from 'node:fs';
import { systemCode } from '../runtime/errors.js';

/**
 * Where an artifact's stored bytes lie, as plain data: it is posted to workers, which open the same bytes.
 * File descriptors are shared by all threads of the process; whoever made the Storage closes it.
 */
export type Storage =
  | { kind: 'file'; fd: number; length: number }
  | { kind: 'memory'; bytes: SharedArrayBuffer; length: number }
  /** An unlinked spool: AES-256-CTR, counter 0 at offset 0, key only in memory. */
  | { kind: 'sealed'; fd: number; key: Uint8Array; length: number }
  /** The last bytes of a stream: offset n lies at n modulo the size of `bytes`. `written[0]` counts those that have come. */
  | { kind: 'ring'; bytes: SharedArrayBuffer; written: BigInt64Array<SharedArrayBuffer>; length: number };

/**
 * Bytes around a place are read in pages of this size, at multiples of it: most windows are a few hundred bytes, far from the next
 * one, and a page costs what it takes to read it.
 */
export const PAGE = 8 * 1024;

/** Positional reads; offsets and lengths in bytes. */
export interface Reader {
  /** Length known when the artifact was opened. */
  readonly length: number;
  /** How many of these bytes, from the first on, are at hand: others cost far more than a read. Without it all are. */
  near?(offset: number, length: number): number;
  /** Fills `target` from `offset` on; returns the bytes read, fewer than asked only at the end of the stored bytes. */
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

/** The 16-byte initial counter block for the AES block that holds `offset` (NIST SP 800-38A, section 6.5). */
export function counterBlock(offset: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeBigUInt64BE(BigInt(Math.floor(offset / 16)), 8);
  return iv;
}

/** Room for sealed bytes, used by one read at a time: new memory for each would keep the garbage collector busy. */
let room = Buffer.alloc(0);

function scratch(length: number): Buffer {
  if (room.length < length) room = Buffer.alloc(length);
  return room.subarray(0, length);
}

const openers: { [K in Storage['kind']]: (storage: Extract<Storage, { kind: K }>) => Reader } = {
  file: ({ fd, length }) => ({ length, read: (offset, target) => readFully(fd, offset, target) }),
  memory: ({ bytes, length }) => {
    const all = new Uint8Array(bytes, 0, length);
    return {
      length,
      read(offset, target) {
        const part = all.subarray(Math.min(offset, length), Math.min(length, offset + target.length));
        target.set(part);
        return part.length;
      },
    };
  },
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
};

/** Reads what a ring holds; whoever reads sees to it that this has come and is not written over. */
function ringReader({ bytes, written, length }: Extract<Storage, { kind: 'ring' }>): Reader {
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

/** Opens a Storage for positional reads; a system error of a read is thrown as it is. */
export function openStorage(storage: Storage): Reader {
  return (openers[storage.kind] as (s: Storage) => Reader)(storage);
}

/** A buffer's bytes as a Reader. */
export function bufferReader(bytes: Uint8Array): Reader {
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

/** Granularity in which the readable part of a stretch with a bad sector is found. */
const SECTOR = 4096;

/** What could be read, from the first byte on; `error`: a system's code where a bad sector ended it. */
export interface Read {
  bytes: number;
  error?: string;
}

/** Reads what can be read: after a failure again in sectors, up to the first one that fails. */
export function readSectors(reader: Reader, at: number, target: Uint8Array): Read {
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
 * For who reads a second time, around what the sweep has found: its bytes end at a bad sector, which the sweep has told. `failed` is
 * given the offset, and what the system says.
 */
export function lenient(reader: Reader, failed: (offset: number, error: string) => void = () => {}): Reader {
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

import { readSync } from 'node:fs';
import { filledReader } from './filled.js';
import { type ByteReader, openStorage, type Storage } from './storage.js';

/**
 * Bytes that offset, length and address of a direct read are multiples of: no file system asks for more than
 * the block of its disk, at most 4096 bytes (open(2), O_DIRECT).
 */
export const BLOCK = 4096;

/** Bytes rounded up to whole blocks. */
export const wholeBlocks = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK;

/** Places at which the bytes of a read are tested. */
const SAMPLES = 256;

/** Direct reads of a file; tests replace it. */
export type ReadBlocks = (fd: number, target: Uint8Array, offset: number) => number;

const readBlocks: ReadBlocks = (fd, target, offset) => readSync(fd, target, 0, target.length, offset);

/**
 * A reader for passes over whole ranges. Its targets must begin at a multiple of {@link BLOCK} of the address
 * space, as they do in the memory of WebAssembly, whose pages are aligned; whole blocks are read faster.
 *
 * A buffered read of a hole costs a page of the page cache for each 4 KiB: 0.5 to 2 s a GB. Direct reads of
 * holes only clear the target, but those of data go to the disk. So the next read is direct while the last
 * one was mostly zero.
 */
export function rangeReader(storage: Storage, read: ReadBlocks = readBlocks): ByteReader {
  if (storage.kind === 'filled') return filledReader(rangeReader(storage.stored, read), storage.ranges);
  const buffered = openStorage(storage);
  if (storage.kind !== 'file' || storage.direct === undefined) return buffered;
  let direct: number | undefined = storage.direct;
  let mostlyZero = false;

  /** Bytes read directly; 0 if that is not possible. */
  const readDirect = (offset: number, target: Uint8Array): number => {
    const isAligned = offset % BLOCK === 0 && target.byteOffset % BLOCK === 0;
    if (direct === undefined || !mostlyZero || !isAligned) return 0;
    try {
      return read(direct, target.subarray(0, Math.floor(target.length / BLOCK) * BLOCK), offset);
    } catch {
      // EINVAL: the file system refuses it. The buffered read shows whether any other error is the disk's.
      direct = undefined;
      return 0;
    }
  };

  return {
    length: buffered.length,
    inBlocks: true,
    read(offset, target) {
      const done = readDirect(offset, target);
      // Also what is after the last whole block of the file.
      const bytes = done < target.length ? done + buffered.read(offset + done, target.subarray(done)) : done;
      mostlyZero = isMostlyZero(target.subarray(0, bytes));
      return bytes;
    },
  };
}

function isMostlyZero(bytes: Uint8Array): boolean {
  const step = Math.max(1, Math.floor(bytes.length / SAMPLES));
  let zeros = 0;
  let samples = 0;
  for (let at = step >> 1; at < bytes.length; at += step) {
    samples++;
    if (bytes[at] === 0) zeros++;
  }
  return zeros > 0.75 * samples;
}

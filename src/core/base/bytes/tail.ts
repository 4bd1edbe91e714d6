import type { Extent } from './extent.js';
import { type Pieces, piecesIn } from './pieces.js';
import type { ByteReader } from './storage.js';

/**
 * Bytes of a file in another order, at offsets beyond the file's end. Plain data for any thread, with the
 * columns in shared memory. Bytes between two pieces, and between the file and the first, are zero.
 */
export interface Tail extends Pieces {
  /** Offsets of the first byte and of the first one after the last. */
  readonly from: number;
  readonly length: number;
}

/**
 * Reads a file and, behind its end, the tail, once there is one. `stored` may be opened again, as a reader of
 * the same kind.
 */
export function readerWithTail(stored: () => ByteReader, tail: () => Tail | undefined): ByteReader {
  const near = (offset: number, length: number): number => {
    const file = stored();
    const inFile = Math.max(0, Math.min(length, file.length - offset));
    const found = file.near?.(offset, inFile) ?? inFile;
    // A tail is made once all bytes of the file can be read at any time.
    return found < inFile ? found : length;
  };
  return {
    get length() {
      return tail()?.length ?? stored().length;
    },
    ...(stored().near ? { near } : {}),
    read(offset, target) {
      const file = stored();
      const behind = tail();
      if (behind === undefined || offset + target.length <= file.length) return file.read(offset, target);
      const wanted = target.subarray(0, Math.max(0, Math.min(target.length, behind.length - offset)));
      wanted.fill(0);
      if (offset < file.length) file.read(offset, wanted.subarray(0, file.length - offset));
      for (const { offset: at, length, index } of piecesIn(behind, offset, wanted.length))
        file.read(at, wanted.subarray(index, index + length));
      return wanted.length;
    },
  };
}

/** The places in the file of [offset, offset + length), in order. */
export function extentsInFile(tail: Tail | undefined, { offset, length }: Extent): Extent[] {
  if (tail === undefined || offset < tail.from) return [{ offset, length }];
  const extents: Extent[] = [];
  for (const piece of piecesIn(tail, offset, length)) {
    const last = extents.at(-1);
    if (last !== undefined && last.offset + last.length === piece.offset) last.length += piece.length;
    else extents.push({ offset: piece.offset, length: piece.length });
  }
  return extents;
}

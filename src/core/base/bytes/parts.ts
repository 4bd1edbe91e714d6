import { type Pieces, piecesIn } from './pieces.js';
import type { ByteReader } from './storage.js';

/** Reads a part of another reader's bytes. */
export function sliceReader(stored: ByteReader, from: number, length: number): ByteReader {
  return {
    length,
    read: (offset, target) =>
      stored.read(from + offset, target.subarray(0, Math.max(0, Math.min(target.length, length - offset)))),
  };
}

/** Reads parts of another reader's bytes, zeros between them, to the first byte that is not there. */
export function piecesReader(stored: ByteReader, pieces: Pieces, length: number): ByteReader {
  return {
    length,
    read(offset, target) {
      const wanted = target.subarray(0, Math.max(0, Math.min(target.length, length - offset)));
      let done = 0;
      for (const piece of piecesIn(pieces, offset, wanted.length)) {
        wanted.fill(0, done, piece.index);
        done = piece.index + piece.length;
        const count = stored.read(piece.offset, wanted.subarray(piece.index, done));
        if (count < piece.length) return piece.index + count;
      }
      wanted.fill(0, done);
      return wanted.length;
    },
  };
}

/** Bytes that are read ahead: headers of short members lie close together. */
const AHEAD = 16 * 1024;

/** Reads ahead for short reads that mostly follow one another. The bytes must not change meanwhile. */
export function readAhead(stored: ByteReader): ByteReader {
  let window: Uint8Array = new Uint8Array(0);
  let from = 0;
  const memory = new Uint8Array(AHEAD);
  return {
    length: stored.length,
    read(offset, target) {
      const end = offset + target.length;
      const isInside = offset >= from && end <= from + window.length;
      if (!isInside) {
        if (target.length > AHEAD / 4 || end > stored.length) return stored.read(offset, target);
        window = memory.subarray(0, 0);
        try {
          window = memory.subarray(0, stored.read(offset, memory));
        } catch {
          // A bad sector further on: what was asked for may still be readable.
        }
        from = offset;
        if (window.length < target.length) return stored.read(offset, target);
      }
      target.set(window.subarray(offset - from, end - from));
      return target.length;
    },
  };
}

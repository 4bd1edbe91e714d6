import { type Pieces, piecesIn } from './pieces.js';
import type { Reader } from './storage.js';

/** Reads a part of another reader's bytes. */
export function sliceReader(stored: Reader, from: number, length: number): Reader {
  return {
    length,
    read: (offset, target) =>
      stored.read(from + offset, target.subarray(0, Math.max(0, Math.min(target.length, length - offset)))),
  };
}

/** Reads parts of another reader's bytes, zeros between them, to the first byte that is not there. */
export function piecesReader(stored: Reader, pieces: Pieces, length: number): Reader {
  return {
    length,
    read(offset, target) {
      const wanted = target.subarray(0, Math.max(0, Math.min(target.length, length - offset)));
      wanted.fill(0);
      for (const piece of piecesIn(pieces, offset, wanted.length)) {
        const count = stored.read(piece.offset, wanted.subarray(piece.index, piece.index + piece.length));
        if (count < piece.length) return piece.index + count;
      }
      return wanted.length;
    },
  };
}

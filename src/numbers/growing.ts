type Column = Float64Array | Uint8Array | Uint32Array | BigUint64Array;

interface Kind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** Rows from which on columns grow in place: below, memory that is reserved for what may come costs more than copies. */
const LARGE = 1 << 15;

/** Rows that there is room for next. */
export const nextRoom = (rows: number, most: number): number =>
  rows < LARGE ? 2 * rows : Math.min(most, rows + LARGE);

/**
 * A column with the same elements and room for so many rows of `width` elements. A long one lies in memory that grows in place up to `most`
 * rows, at the cost of its zeros alone: doubled, it and the garbage of its last length are half of what the search of a dense dump holds.
 */
export function lengthened<T extends Column>(column: T, rows: number, most: number, width = 1): T {
  const kind = column.constructor as Kind<T>;
  const length = rows * width;
  const size = kind.BYTES_PER_ELEMENT;
  const { buffer } = column;
  if ('growable' in buffer && buffer.growable) {
    buffer.grow(length * size);
    return new kind(buffer, 0, length);
  }
  const longer =
    rows > LARGE
      ? new kind(new SharedArrayBuffer(length * size, { maxByteLength: most * width * size }), 0, length)
      : new kind(length);
  longer.set(column as Uint8Array & BigUint64Array);
  return longer;
}

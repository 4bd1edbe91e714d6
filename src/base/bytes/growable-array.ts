type Column = Float64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

interface Kind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** Rows from which on no more are reserved at once. */
const LARGE = 1 << 15;
/** Bytes from which on columns grow in place: below, memory that is reserved for what may come costs more than copies. */
const LONG = 1 << 18;

/** Rows that there is room for next. */
export const nextCapacity = (rows: number, most: number): number =>
  rows < LARGE ? 2 * rows : Math.min(most, rows + LARGE);

/**
 * A column with the same elements and room for so many rows of `width` elements. A long one lies in memory that grows in place up to `most`
 * rows, at the cost of its zeros alone: doubled, it and the garbage of its last length are half of what the search of a dense dump holds.
 * `shared`: with other threads, at once.
 */
export function grown<T extends Column>(column: T, rows: number, most: number, width = 1, shared = false): T {
  const kind = column.constructor as Kind<T>;
  const length = rows * width;
  const size = kind.BYTES_PER_ELEMENT;
  const { buffer } = column;
  if (isGrowable(buffer)) {
    if (buffer instanceof SharedArrayBuffer) buffer.grow(length * size);
    else buffer.resize(length * size);
    return new kind(buffer, 0, length);
  }
  const longer =
    length * size >= LONG
      ? new kind(room(length * size, most * width * size, shared), 0, length)
      : new kind(length);
  longer.set(column as Uint8Array & BigUint64Array);
  return longer;
}

const isGrowable = (buffer: ArrayBufferLike): boolean =>
  buffer instanceof SharedArrayBuffer ? buffer.growable : buffer.resizable;

function room(bytes: number, most: number, shared: boolean): ArrayBufferLike {
  const options = { maxByteLength: most };
  return shared ? new SharedArrayBuffer(bytes, options) : new ArrayBuffer(bytes, options);
}

/** Zeros that {@link release} takes. */
export function releasable(length: number): Uint32Array<ArrayBuffer> {
  const bytes = 4 * length;
  return new Uint32Array(new ArrayBuffer(bytes, bytes < LONG ? {} : { maxByteLength: bytes }), 0, length);
}

/** Gives back the memory of a column that nobody reads any more, at once where it has grown in place. */
export function release({ buffer }: Column): void {
  // One that was handed over has no bytes, and cannot be resized.
  if (buffer instanceof ArrayBuffer && buffer.resizable && buffer.byteLength > 0) buffer.resize(0);
}

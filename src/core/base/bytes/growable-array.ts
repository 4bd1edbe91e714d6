type Column = Float64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

interface Kind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** Rows from which on the capacity grows by this constant instead of doubling. */
const LARGE = 1 << 15;
/**
 * Columns of at least this many bytes grow in place; for shorter ones the reserved address space costs more
 * than copying.
 */
const LONG = 1 << 18;

/** Next capacity, in rows. */
export const nextCapacity = (rows: number, most: number): number =>
  rows < LARGE ? 2 * rows : Math.min(most, rows + LARGE);

/**
 * A column with the same elements and capacity for `rows` rows of `width` elements. A long one uses a
 * resizable buffer of at most `most` rows: doubling by copies, with the garbage of the old buffers, took half
 * the memory of the search in a dense dump. Its `length` takes 200 ns to read (Node 20): keep the capacity
 * beside it. `shared`: in memory shared with other threads.
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
      ? new kind(reserve(length * size, most * width * size, shared), 0, length)
      : new kind(length);
  longer.set(column as Uint8Array & BigUint64Array);
  return longer;
}

const isGrowable = (buffer: ArrayBufferLike): boolean =>
  buffer instanceof SharedArrayBuffer ? buffer.growable : buffer.resizable;

function reserve(bytes: number, most: number, shared: boolean): ArrayBufferLike {
  const options = { maxByteLength: most };
  return shared ? new SharedArrayBuffer(bytes, options) : new ArrayBuffer(bytes, options);
}

/** A zeroed column for {@link release}. */
export function releasable(length: number): Uint32Array<ArrayBuffer> {
  const bytes = 4 * length;
  return new Uint32Array(new ArrayBuffer(bytes, bytes < LONG ? {} : { maxByteLength: bytes }), 0, length);
}

/** Frees the memory of a column that is no longer read; at once if its buffer is resizable. */
export function release({ buffer }: Column): void {
  // A transferred buffer has no bytes and cannot be resized.
  if (buffer instanceof ArrayBuffer && buffer.resizable && buffer.byteLength > 0) buffer.resize(0);
}

import { grown, release } from '../../base/bytes/growable-array.js';

/** Initial capacity in windows, and bytes that callers keep below. */
const INITIAL_WINDOWS = 32;
const MAX_BYTES = 32 << 20;

/**
 * Windows of one length with their places, in columns: an object and a buffer per window would need more
 * memory.
 */
export class WindowStore {
  length = 0;
  /** Capacity: the length of a resizable column is slow to read. */
  #room = INITIAL_WINDOWS;
  readonly #size: number;
  #bytes: Buffer;
  #offsets = new Float64Array(INITIAL_WINDOWS);
  #arrays = new Uint8Array(INITIAL_WINDOWS);

  /** `size` of a window in bytes. */
  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.alloc(INITIAL_WINDOWS * size);
  }

  /** `isArray`: the window begins an array of integers. */
  add(window: Uint8Array, offset: number, isArray: boolean): void {
    if (this.length === this.#room) this.#grow();
    this.#bytes.set(window, this.length * this.#size);
    this.#offsets[this.length] = offset;
    this.#arrays[this.length] = isArray ? 1 : 0;
    this.length++;
  }

  stored(index: number): Buffer {
    return this.#bytes.subarray(index * this.#size, (index + 1) * this.#size);
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  isArray(index: number): boolean {
    return this.#arrays[index] === 1;
  }

  release(): void {
    this.length = 0;
    release(new Uint8Array(this.#bytes.buffer));
  }

  #grow(): void {
    const room = 2 * this.#room;
    this.#room = room;
    const most = Math.max(room, Math.ceil(MAX_BYTES / this.#size));
    const bytes = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const { buffer, length } = grown(bytes, room, most, this.#size);
    this.#bytes = Buffer.from(buffer, 0, length);
    this.#offsets = grown(this.#offsets, room, most);
    this.#arrays = grown(this.#arrays, room, most);
  }
}

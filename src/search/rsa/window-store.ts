import { grown, release } from '../../base/bytes/growable-array.js';

/** Windows that there is room for at first, and bytes that they may take: whoever adds them ends before. */
const ROOM = 32;
const MOST_BYTES = 32 << 20;

/** Windows of one length with their places, in columns: an object and a buffer for each take more than what they hold. */
export class WindowList {
  length = 0;
  readonly #size: number;
  #bytes: Buffer;
  #offsets = new Float64Array(ROOM);
  #arrays = new Uint8Array(ROOM);

  /** `size` in bytes. */
  constructor(size: number) {
    this.#size = size;
    this.#bytes = Buffer.alloc(ROOM * size);
  }

  /** `array`: it begins an array of integers. */
  add(window: Uint8Array, offset: number, array: boolean): void {
    if (this.length === this.#offsets.length) this.#grow();
    this.#bytes.set(window, this.length * this.#size);
    this.#offsets[this.length] = offset;
    this.#arrays[this.length] = array ? 1 : 0;
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

  /** Of no use any more. */
  release(): void {
    this.length = 0;
    release(new Uint8Array(this.#bytes.buffer));
  }

  #grow(): void {
    const room = 2 * this.#offsets.length;
    const most = Math.ceil(MOST_BYTES / this.#size);
    const bytes = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const { buffer, length } = grown(bytes, room, Math.max(room, most), this.#size);
    this.#bytes = Buffer.from(buffer, 0, length);
    this.#offsets = grown(this.#offsets, room, Math.max(room, most));
    this.#arrays = grown(this.#arrays, room, Math.max(room, most));
  }
}

/** Windows that there is room for at first. */
const ROOM = 32;

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

  #grow(): void {
    const room = 2 * this.#offsets.length;
    const [bytes, offsets, arrays] = [this.#bytes, this.#offsets, this.#arrays];
    this.#bytes = Buffer.alloc(room * this.#size);
    this.#bytes.set(bytes);
    this.#offsets = new Float64Array(room);
    this.#offsets.set(offsets);
    this.#arrays = new Uint8Array(room);
    this.#arrays.set(arrays);
  }
}

/** Bytes of the end that are looked at. */
const TAIL = 256;

/** Whether a JSON text, read in file order, comes to its end. */
export class JsonEnd {
  readonly #pattern: RegExp;
  #tail = Buffer.alloc(0);

  /** `pattern`: how such a text ends. A quote that it begins with must not be part of a string. */
  constructor(pattern: RegExp) {
    this.#pattern = pattern;
  }

  push(bytes: Uint8Array): void {
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-TAIL)]).subarray(-TAIL);
  }

  get isReached(): boolean {
    const text = this.#tail.toString('latin1');
    const at = text.search(this.#pattern);
    if (at < 0) return false;
    // A quote behind an odd number of backslashes is part of a string.
    const escapes = /\\*$/.exec(text.slice(0, at))![0].length;
    return escapes % 2 === 0;
  }
}

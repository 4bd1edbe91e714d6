import type { Reader } from '../../../base/bytes/storage.js';

/** Characters read at once: few at first, as most texts are no streams. */
const FIRST = 2 ** 10;
const MOST = 2 ** 16;

const isBase64 = new Uint8Array(256);
for (const character of Buffer.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n',
  'latin1',
))
  isBase64[character] = 1;

const [LF, CR] = [0x0a, 0x0d];

/** A text of base64 that begins at an offset of a file, decoded in pieces. */
export class Base64Pieces {
  readonly #reader: Reader;
  #offset: number;
  #size = FIRST;
  #ended = false;
  /** Digits of the last group, of which others are in the next piece. */
  #rest = Buffer.alloc(0);

  constructor(reader: Reader, offset: number) {
    this.#reader = reader;
    this.#offset = offset;
  }

  /** The next decoded bytes; none at the end of the text. */
  next(): Uint8Array {
    const text = this.#read();
    const digits = Buffer.alloc(this.#rest.length + text.length);
    digits.set(this.#rest);
    let length = this.#rest.length;
    for (let at = 0; at < text.length; at++) {
      const character = text[at]!;
      if (character !== LF && character !== CR) digits[length++] = character;
    }
    const whole = this.#ended ? length : length - (length % 4);
    this.#rest = digits.subarray(whole, length);
    return Buffer.from(digits.toString('latin1', 0, whole), 'base64');
  }

  /** Reads on to the end of the text. Returns its offset. */
  end(): number {
    while (!this.#ended) this.#read();
    return this.#offset;
  }

  #read(): Uint8Array {
    if (this.#ended) return new Uint8Array(0);
    const block = new Uint8Array(this.#size);
    const bytes = block.subarray(0, this.#reader.read(this.#offset, block));
    let length = 0;
    while (length < bytes.length && isBase64[bytes[length]!] === 1) length++;
    this.#ended = length < block.length;
    this.#offset += length;
    this.#size = Math.min(MOST, 2 * this.#size);
    return bytes.subarray(0, length);
  }
}

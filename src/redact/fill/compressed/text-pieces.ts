import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { BASE64_DIGITS } from '../../../core/encodings/digits.js';
import type { StreamText } from '../../../core/encodings/stream-forms.js';

/** Characters read at once: few at first, as most texts are no streams. */
const FIRST = 2 ** 10;
const MOST = 2 ** 16;

const [LF, CR] = [0x0a, 0x0d];

/** Characters of a text, and how many of them are a whole number of bytes. */
const TEXTS: Readonly<Record<StreamText, { characters: Uint8Array; group: number }>> = {
  base64: { characters: charactersOf(`${BASE64_DIGITS}+/-_=`), group: 4 },
  hex: { characters: charactersOf('0123456789abcdefABCDEF'), group: 2 },
};

function charactersOf(digits: string): Uint8Array {
  const characters = new Uint8Array(256);
  for (const character of Buffer.from(`${digits}\r\n`, 'latin1')) characters[character] = 1;
  return characters;
}

/** A text of base64 or hex that begins at an offset of a file, decoded in pieces. */
export class TextPieces {
  readonly #reader: ByteReader;
  readonly #within: StreamText;
  #offset: number;
  #size = FIRST;
  #ended = false;
  /** Digits of the last group, of which others are in the next piece. */
  #rest = Buffer.alloc(0);

  constructor(reader: ByteReader, offset: number, within: StreamText) {
    this.#reader = reader;
    this.#within = within;
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
    const whole = this.#ended ? length : length - (length % TEXTS[this.#within].group);
    this.#rest = digits.subarray(whole, length);
    return Buffer.from(digits.toString('latin1', 0, whole), this.#within);
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
    const { characters } = TEXTS[this.#within];
    let length = 0;
    while (length < bytes.length && characters[bytes[length]!] === 1) length++;
    this.#ended = length < block.length;
    this.#offset += length;
    this.#size = Math.min(MOST, 2 * this.#size);
    return bytes.subarray(0, length);
  }
}

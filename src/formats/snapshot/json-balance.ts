import type { Unread } from '../../core/model/report.js';
import type { Audit } from '../memory/types.js';

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** Brackets, by what they do to the depth. */
const DEPTHS: Readonly<Record<number, number>> = { 123: 1, 91: 1, 125: -1, 93: -1 };

/** Whether a JSON object ends: each of its brackets is closed. */
export class JsonBalance implements Audit {
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #offset = 0;
  readonly #title: string;

  constructor(title: string) {
    this.#title = title;
  }

  push(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    for (const byte of bytes) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === QUOTE) this.#inString = !this.#inString;
      else if (this.#inString) this.#isEscaped = byte === BACKSLASH;
      else this.#depth += DEPTHS[byte] ?? 0;
    }
  }

  end(): Unread[] {
    if (this.#depth === 0 && !this.#inString) return [];
    const reason = `${this.#title} is cut: its JSON text does not come to its end`;
    return [{ offset: this.#offset, length: null, reason }];
  }
}

import { inspect } from 'node:util';
import { keepSecret } from './secret-memory.js';

/**
 * Bytes that must never be printed. Printing, serialising or interpolating a Secret yields a mask; `reveal()`
 * is the only access to the bytes, so that a search for it finds every use. They are zero once the run has
 * ended (secret-memory.ts).
 */
export class Secret {
  readonly #bytes: Uint8Array;

  /** Copies `bytes`: windows and pooled buffers are reused. */
  constructor(bytes: Uint8Array) {
    this.#bytes = keepSecret(bytes);
  }

  static text(text: string): Secret {
    return new Secret(Buffer.from(text, 'utf8'));
  }

  /** Length in bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** For proofs, checks, fingerprints and the redactor only. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return `[secret, ${this.#bytes.length} bytes]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

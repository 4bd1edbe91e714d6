import { inspect } from 'node:util';

/**
 * Bytes that must never be shown. Whatever prints, serialises or interpolates a Secret gets a mask;
 * `reveal()` is the only way to the bytes, so that a search for it lists every place that touches one.
 */
export class Secret {
  readonly #bytes: Uint8Array;

  /** Copies `bytes`, so that a window or a pooled buffer may be reused. */
  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** UTF-8 text as a secret. */
  static text(text: string): Secret {
    return new Secret(Buffer.from(text, 'utf8'));
  }

  /** Length in bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves: for proofs, checks, fingerprints and the redactor only. */
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

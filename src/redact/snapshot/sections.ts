import type { Rows } from './meta.js';

/** A part of a snapshot that is read in pieces. */
export interface Section {
  /**
   * Reads on from an index. Returns the index behind the part, -1 if it is longer than the bytes, or
   * {@link INVALID}.
   */
  feed(bytes: Uint8Array, at: number): number;
}

/** Returned for what V8 does not write. */
export const INVALID = -2;

const [TAB, NEWLINE, RETURN, SPACE] = [9, 10, 13, 0x20];
const [MINUS, COMMA, ZERO, NINE, OPEN, CLOSE] = [0x2d, 0x2c, 0x30, 0x39, 0x5b, 0x5d];

export const isSpace = (byte: number): boolean =>
  byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;

/** Names that are used: numbers of strings. */
export class Names {
  readonly used = new Bits();
  /** False if a number of a string is out of all bounds. */
  isValid = true;

  add(index: number): void {
    if (!this.used.add(index)) this.isValid = false;
  }
}

/** An array of whole numbers and of such arrays; notes the names in its rows. */
export class NumberSection implements Section {
  /** Numbers that were read. */
  count = 0;
  readonly #rows: Rows | undefined;
  readonly #names: Names;
  /** Numbers of one row. */
  readonly #row: Float64Array;
  #field = 0;
  #value = 0;
  #inNumber = false;
  #depth = 0;

  constructor(names: Names, rows?: Rows) {
    this.#names = names;
    this.#rows = rows;
    this.#row = new Float64Array(rows?.width ?? 1);
  }

  feed(bytes: Uint8Array, at: number): number {
    for (let index = at; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (byte >= ZERO && byte <= NINE) {
        this.#value = this.#value * 10 + byte - ZERO;
        this.#inNumber = true;
        continue;
      }
      if (this.#inNumber) this.#endNumber();
      if (byte === OPEN) this.#depth++;
      else if (byte === CLOSE && --this.#depth <= 0) return this.#depth === 0 ? index + 1 : INVALID;
      else if (byte !== COMMA && byte !== CLOSE && byte !== MINUS && !isSpace(byte)) return INVALID;
      if (this.#depth === 0) return INVALID;
    }
    return -1;
  }

  #endNumber(): void {
    this.count++;
    this.#row[this.#field++] = this.#value;
    this.#value = 0;
    this.#inNumber = false;
    if (this.#field < this.#row.length) return;
    this.#field = 0;
    const rows = this.#rows;
    if (rows === undefined || (rows.type >= 0 && rows.isNamed[this.#row[rows.type]!] !== true)) return;
    for (const name of rows.names) this.#names.add(this.#row[name]!);
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** Callbacks for an array of strings. */
export interface StringVisitor {
  /** A string begins: its number, and the index of the byte behind its quote. */
  begin(number: number, at: number): void;
  /** Bytes between its quotes, as they are in the file. A string may have several such pieces. */
  piece(from: number, to: number): void;
  end(): void;
}

/** An array of strings, read as bytes: nothing is decoded. */
export class StringSection implements Section {
  count = 0;
  readonly #visitor: StringVisitor;
  #isOpen = false;
  #inString = false;
  #isEscaped = false;

  constructor(visitor: StringVisitor) {
    this.#visitor = visitor;
  }

  feed(bytes: Uint8Array, at: number): number {
    let index = at;
    while (index < bytes.length) {
      if (this.#inString) {
        index = this.#string(bytes, index);
        continue;
      }
      const byte = bytes[index++]!;
      if (byte === QUOTE && this.#isOpen) {
        this.#inString = true;
        this.#visitor.begin(this.count++, index);
      } else if (byte === OPEN && !this.#isOpen) this.#isOpen = true;
      else if (byte === CLOSE && this.#isOpen) return index;
      else if (byte !== COMMA && !isSpace(byte)) return INVALID;
    }
    return -1;
  }

  /** Reads on in a string, behind its end if that is among the bytes. */
  #string(bytes: Uint8Array, from: number): number {
    for (let index = from; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        this.#visitor.piece(from, index);
        this.#visitor.end();
        this.#inString = false;
        return index + 1;
      }
    }
    this.#visitor.piece(from, bytes.length);
    return bytes.length;
  }
}

/** Strings of a snapshot: V8 has one for each different text; a heap of 4 GB has some ten million. */
const MAX_BITS = 2 ** 28;

/** A growing set of small numbers. */
export class Bits {
  #bytes = new Uint8Array(2 ** 12);
  /** The largest member; -1 if there is none. */
  last = -1;

  /** False if the number is too large. */
  add(index: number): boolean {
    if (index >= MAX_BITS) return false;
    const at = index >>> 3;
    if (at >= this.#bytes.length) {
      const bytes = new Uint8Array(2 * at);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes[at]! |= 1 << (index & 7);
    if (index > this.last) this.last = index;
    return true;
  }

  has(index: number): boolean {
    return ((this.#bytes[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }
}

/** Bytes decoded from a text, with the part of the text that each of them comes from. */
export interface Reading {
  readonly bytes: Uint8Array;
  /** The part of the text, as string indices, that the bytes [start, end) come from; not empty. */
  origin(start: number, end: number): { start: number; end: number };
  /** True if the rest of the text was not decoded: it takes too much work. */
  readonly isCut?: true;
}

/** The UTF-8 of a text. */
export function readText(text: string): Reading {
  const bytes = Buffer.from(text, 'utf8');
  // One byte a character: indices are equal.
  if (bytes.length === text.length) return { bytes, origin: (start, end) => ({ start, end }) };
  const from = new Uint32Array(bytes.length);
  const to = new Uint32Array(bytes.length);
  let at = 0;
  let index = 0;
  for (const character of text) {
    const size = utf8Length(character.codePointAt(0)!);
    from.fill(index, at, at + size);
    to.fill(index + character.length, at, at + size);
    at += size;
    index += character.length;
  }
  return { bytes, origin: (start, end) => ({ start: from[start]!, end: to[end - 1]! }) };
}

/** RFC 3629, section 3. An unpaired surrogate is written as the replacement character, of three bytes. */
const utf8Length = (point: number): number =>
  point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

/** Bytes [start, end) of a reading. */
export function part(whole: Reading, start: number, end: number): Reading {
  return {
    bytes: whole.bytes.subarray(start, end),
    origin: (from, to) => whole.origin(start + from, start + to),
  };
}

/** The bytes in reverse order. */
export function reversed(whole: Reading): Reading {
  const { length } = whole.bytes;
  const bytes = scratchBytes(length);
  bytes.set(whole.bytes);
  return {
    bytes: bytes.reverse(),
    origin: (start, end) => whole.origin(length - end, length - start),
  };
}

/** Collects decoded bytes, each from the bytes [from, to) of another reading. */
export class ReadingBuilder {
  readonly #whole: Reading;
  readonly #bytes: Uint8Array;
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;
  length = 0;

  /** `capacity`: upper bound on the decoded bytes. */
  constructor(whole: Reading, capacity = whole.bytes.length) {
    this.#whole = whole;
    this.#bytes = scratchBytes(capacity);
    this.#from = scratchIndices(capacity);
    this.#to = scratchIndices(capacity);
  }

  add(byte: number, from: number, to: number): void {
    this.#bytes[this.length] = byte;
    this.#from[this.length] = from;
    this.#to[this.length] = to;
    this.length++;
  }

  finish(): Reading {
    const [whole, from, to] = [this.#whole, this.#from, this.#to];
    return {
      bytes: this.#bytes.subarray(0, this.length),
      origin: (start, end) => whole.origin(from[start]!, to[end - 1]!),
    };
  }
}

/**
 * Memory for the readings of one text. A report has a million short texts: an ArrayBuffer for each of their
 * forty readings would be the largest part of the time.
 */
const [BYTES, INDICES] = [1 << 18, 1 << 19];
const bytes = new Uint8Array(BYTES);
const indices = new Uint32Array(INDICES);
let usedBytes = 0;
let usedIndices = 0;

/** Uninitialised, valid until {@link releaseScratch}. */
export function scratchBytes(length: number): Uint8Array {
  if (usedBytes + length > BYTES) return new Uint8Array(length);
  usedBytes += length;
  return bytes.subarray(usedBytes - length, usedBytes);
}

/** Uninitialised, valid until {@link releaseScratch}. */
export function scratchIndices(length: number): Uint32Array {
  if (usedIndices + length > INDICES) return new Uint32Array(length);
  usedIndices += length;
  return indices.subarray(usedIndices - length, usedIndices);
}

/** Ends the use of all scratch memory, which may hold decoded secrets: its bytes are zeroed. */
export function releaseScratch(): void {
  bytes.fill(0, 0, usedBytes);
  usedBytes = 0;
  usedIndices = 0;
}

/** Calls a function that uses scratch memory, and ends the use of what it took. */
export function withScratch<T>(use: () => T): T {
  const [firstByte, firstIndex] = [usedBytes, usedIndices];
  try {
    return use();
  } finally {
    bytes.fill(0, firstByte, usedBytes);
    [usedBytes, usedIndices] = [firstByte, firstIndex];
  }
}

/** What stands before a text in memory and tells where it begins and ends. */

/** Printable bytes of a text that may be a secret. */
export const TEXT = { least: 16, most: 256 };
/** Printable bytes of something else that may stand between a text's header and the text, or behind it. */
export const MAX_EXTRA_BYTES = 8;

const word = (bytes: Buffer, at: number): number => (at < 0 ? -1 : bytes.readUInt32LE(at));

/** Zeros but for a small number, or all ones: sizes of chunks, counts of references, lengths, hashes that nobody has asked for. */
export function followsQuietWord(bytes: Buffer, at: number): boolean {
  let zeros = 0;
  let ones = 0;
  for (let i = at - 8; i < at; i++) {
    const byte = i < 0 ? 0 : bytes[i]!;
    if (byte === 0) zeros++;
    else if (byte === 0xff) ones++;
  }
  return zeros >= 5 || ones === 8;
}

/** Bytes between a 64-bit length and its text: PHP, Ruby and Erlang; CPython's bytes, whose hash comes between, and its str (3.12; before). */
const AHEAD_64 = [8, 16, 24, 32] as const;

/**
 * The text in a run of printable bytes by a length that stands before it: the run may begin with the end of the header, where that
 * happens to be printable, and end with what lies behind a text without a terminator. 0 where there is none.
 */
export function lengthBefore(bytes: Buffer, at: number, run: number): number {
  const right = (length: number) => length >= TEXT.least && length <= run && run - length < MAX_EXTRA_BYTES;
  for (const ahead of AHEAD_64) {
    const length = word(bytes, at - ahead);
    if (right(length) && word(bytes, at - ahead + 4) === 0) return length;
  }
  // A string of V8, an array of a JVM; an array of bytes in a heap dump.
  const near = word(bytes, at - 4);
  if (right(near)) return near;
  const dumped = at >= 5 && bytes[at - 1] === 8 ? bytes.readUInt32BE(at - 5) : 0;
  return right(dumped) ? dumped : 0;
}

/** glibc's chunks (malloc.c, malloc_chunk): their sizes are multiples of this, three bits of the size word are flags, and a chunk needs so much beside what was asked for. */
const CHUNK = { step: 16, flags: 7, word: 8, least: 32 } as const;

/**
 * The lengths that a text at the beginning of a chunk of glibc's may have, longest first, but for all of its run: the chunk is the least that holds it.
 * Rust's strings have no terminator, so that what lay there before, or the size of the next chunk, may go on with printable bytes.
 */
export function* lengthsInChunk(bytes: Buffer, at: number, run: number): Generator<number> {
  const size = word(bytes, at - CHUNK.word);
  if (at < CHUNK.word || word(bytes, at - 4) !== 0 || size < CHUNK.least) return;
  if ((size & ~CHUNK.flags) % CHUNK.step !== 0) return;
  const room = (size & ~CHUNK.flags) - CHUNK.word;
  // A terminator within the chunk ends the text.
  if (run <= room && bytes[at + run] === 0) return;
  const least = Math.max(TEXT.least, room - CHUNK.step + 1);
  for (let length = Math.min(room, run - 1, TEXT.most); length >= least; length--) yield length;
}

/** Headers before a text in memory, which show where it begins and ends. */

/** Printable bytes of a secret. */
export const TEXT = { least: 16, most: 256 };
/** Printable bytes of other data that may lie between a header and its text, or directly after the text. */
export const MAX_EXTRA_BYTES = 8;

/** The 32-bit word at `at`, or -1 before the bytes. */
export const wordAt = (bytes: Buffer, at: number): number => (at < 0 ? -1 : bytes.readUInt32LE(at));

/**
 * True if the word before `at` is mostly zeros or all ones: a chunk size, reference count, length, or a hash
 * not computed yet.
 */
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

/**
 * Bytes from a 64-bit length to its text: PHP, Ruby and Erlang; CPython's bytes, with its hash in between;
 * CPython's str (3.12, earlier).
 */
const AHEAD_64 = [8, 16, 24, 32] as const;

/**
 * Length of the text that begins at `at`, by a length stored before it; 0 if there is none. The `run` of
 * printable bytes may start within the header, if that happens to be printable, and may include data after a
 * text without a terminator.
 */
export function lengthBefore(bytes: Buffer, at: number, run: number): number {
  const right = (length: number) => length >= TEXT.least && length <= run && run - length < MAX_EXTRA_BYTES;
  for (const ahead of AHEAD_64) {
    const length = wordAt(bytes, at - ahead);
    if (right(length) && wordAt(bytes, at - ahead + 4) === 0) return length;
  }
  // A V8 string or JVM array; then a byte array in a heap dump (element type 8).
  const near = wordAt(bytes, at - 4);
  if (right(near)) return near;
  const dumped = at >= 5 && bytes[at - 1] === 8 ? bytes.readUInt32BE(at - 5) : 0;
  return right(dumped) ? dumped : 0;
}

/**
 * Chunks of glibc (malloc.c, malloc_chunk): sizes are multiples of `step`, three bits of the size word are
 * flags, and a chunk has `word` bytes of overhead.
 */
const CHUNK = { step: 16, flags: 7, word: 8, least: 32 } as const;

/**
 * Possible lengths, longest first, of a text at the start of a glibc chunk that is shorter than its run: the
 * chunk is the smallest that holds it. Rust's strings have no terminator, so printable bytes may follow:
 * earlier content, or the size of the next chunk.
 */
export function* lengthsInChunk(bytes: Buffer, at: number, run: number): Generator<number> {
  const size = wordAt(bytes, at - CHUNK.word);
  if (at < CHUNK.word || wordAt(bytes, at - 4) !== 0 || size < CHUNK.least) return;
  if ((size & ~CHUNK.flags) % CHUNK.step !== 0) return;
  const room = (size & ~CHUNK.flags) - CHUNK.word;
  // A terminator within the chunk ends the text.
  if (run <= room && bytes[at + run] === 0) return;
  const least = Math.max(TEXT.least, room - CHUNK.step + 1);
  for (let length = Math.min(room, run - 1, TEXT.most); length >= least; length--) yield length;
}

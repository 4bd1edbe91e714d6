/** Characters of the shortest run: 64 bits as a list of digits, 96 as text in a text. */
const SHORTEST_RUN = 16;

const IS_TEXT = new Uint8Array(256).fill(1, 0x20, 0x7f);
for (const blank of Buffer.from('\t\n\r', 'latin1')) IS_TEXT[blank] = 1;

/** Receives where a run begins, its number of characters, and the bytes from one character to the next. */
export type RunFound = (start: number, count: number, stride: 1 | 2) => void;

/** Runs of ASCII, and of ASCII in UTF-16 of either byte order, in the first `length` bytes. */
export function textRuns(bytes: Uint8Array, length: number, found: RunFound): void {
  narrowRuns(bytes, length, found);
  wideRuns(bytes, length, found);
}

/** Runs of ASCII. Each has a character at a multiple of its shortest length. */
export function narrowRuns(bytes: Uint8Array, length: number, found: RunFound): void {
  let after = 0;
  for (let probe = SHORTEST_RUN - 1; probe < length; probe += SHORTEST_RUN) {
    if (probe < after || IS_TEXT[bytes[probe]!] === 0) continue;
    let start = probe;
    while (start > after && IS_TEXT[bytes[start - 1]!] === 1) start--;
    let end = probe + 1;
    while (end < length && IS_TEXT[bytes[end]!] === 1) end++;
    if (end - start >= SHORTEST_RUN) found(start, end - start, 1);
    after = end;
  }
}

const isWide = (bytes: Uint8Array, at: number): boolean => IS_TEXT[bytes[at]!] === 1 && bytes[at + 1] === 0;

/** Runs of ASCII in UTF-16. */
export function wideRuns(bytes: Uint8Array, length: number, found: RunFound): void {
  let after = 0;
  for (let probe = SHORTEST_RUN - 1; probe + 2 < length; probe += SHORTEST_RUN) {
    if (probe < after) continue;
    const inside = isWide(bytes, probe) ? probe : isWide(bytes, probe + 1) ? probe + 1 : -1;
    if (inside < 0) continue;
    let start = inside;
    while (start - 2 >= after && isWide(bytes, start - 2)) start -= 2;
    let end = inside + 2;
    // The last character of UTF-16 in the other byte order has no NUL behind it.
    while (end < length && isWide(bytes, end)) end += 2;
    const last = end < length && IS_TEXT[bytes[end]!] === 1 && bytes[end - 1] === 0 ? 1 : 0;
    const count = (end - start) / 2 + last;
    if (count >= SHORTEST_RUN) found(start, count, 2);
    after = end + last;
  }
}

/** A part of a text: [start, end). */
type Span = readonly [start: number, end: number];

/** Receives a part of a text: [start, end). */
export type SpanFound = (start: number, end: number) => void;

/** All that a search finds in a text. */
export function allIn(
  text: Uint8Array,
  search: (text: Uint8Array, from: number, to: number, found: SpanFound) => void,
): Span[] {
  const spans: Span[] = [];
  search(text, 0, text.length, (...span) => spans.push(span));
  return spans;
}

/** Characters of a run, not 0 in the table, and how many it has at least. */
export interface RunKind {
  kinds: Uint8Array;
  kind: number;
  least: number;
}

/** A table of characters: bits by byte. `spans`: first and last character of ranges. */
export function kindsOf(spans: Readonly<Record<string, number>>): Uint8Array {
  const kinds = new Uint8Array(256);
  for (const [span, kind] of Object.entries(spans))
    for (let byte = span.charCodeAt(0); byte <= span.charCodeAt(1); byte++) kinds[byte]! |= kind;
  return kinds;
}

/**
 * Index of the next run in [from, to); `to` if it has none. Every run has a character at each multiple of its
 * least length: others are jumped over.
 */
export function runFrom(text: Uint8Array, from: number, to: number, { kinds, kind, least }: RunKind): number {
  for (let probe = from + least - 1; probe < to; ) {
    const first = probe - least + 1;
    let start = probe + 1;
    while (start > first && (kinds[text[start - 1]!]! & kind) !== 0) start--;
    if (start === first) return start;
    probe = start + least - 1;
  }
  return to;
}

const [LF, CR] = [0x0a, 0x0d];

/** Index of the character behind a line break; 0 if there is none. */
function afterBreak(text: Uint8Array, at: number): number {
  const feed = text[at] === CR ? at + 1 : at;
  return text[feed] === LF ? feed + 1 : 0;
}

/** Where a run ends that may have a line break behind each line that is a run itself. */
export function runEnd(text: Uint8Array, start: number, to: number, { kinds, kind, least }: RunKind): number {
  let line = start;
  for (let at = start; at < to; at++) {
    if ((kinds[text[at]!]! & kind) !== 0) continue;
    const after = at - line < least ? 0 : afterBreak(text, at);
    if (after === 0) return at;
    line = after;
    at = after - 1;
  }
  return to;
}

import { TEXT_FILL } from '../core/fill.js';
import { hashedName } from '../core/names.js';

/** What V8 writes in place of a value: its own words, whichever the value is. */
const LABELS: ReadonlySet<string> = new Set([
  ...['', '<dummy>', 'heap number', 'smi number', 'bigint', 'symbol', 'private symbol'],
  ...['(concatenated string)', '(sliced string)', '(external string)', '(internalized string)'],
]);

/** Bytes of a string that decide whether it is a label or an entry. */
export const HEAD = 64;
/** Longer names are filled; V8 cuts them at 1,024 characters, each of at most 6 bytes. */
export const LONGEST = 8192;

export const isLabel = (text: string): boolean => LABELS.has(text);

/**
 * Names of edges of WeakMaps contain the text of keys and values (V8ExplorerHeap::ExtractEphemeronHashTable
 * References).
 */
const ENTRY_START = /^\d{1,10} \/ part of key \(/;
const ENTRY_MIDDLE = / @\d{1,10}\) -> value \(/;
const ENTRY_END = / @\d{1,10}\) pair in WeakMap \(table @\d{1,10}\)$/;

/** Absolute paths and URLs. */
const PATH = /^(?:\/|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]{0,15}:\/\/)/;

export const isEntry = (head: string): boolean => ENTRY_START.test(head);
export const isPath = (head: string): boolean => PATH.test(head);

/** An entry of a WeakMap without its key and value, of the same length. */
function entryWithoutTexts(text: string): string {
  const start = ENTRY_START.exec(text)?.[0].length ?? 0;
  const middle = ENTRY_MIDDLE.exec(text);
  const end = ENTRY_END.exec(text);
  const stars = (from: number, to: number) => String.fromCharCode(TEXT_FILL).repeat(to - from);
  if (middle === null || end === null || middle.index + middle[0].length > end.index)
    return text.slice(0, start) + stars(start, text.length);
  const value = middle.index + middle[0].length;
  return text.slice(0, start) + stars(start, middle.index) + middle[0] + stars(value, end.index) + end[0];
}

/** What takes the place of a name that may not stay as it is: an entry of a WeakMap, or a path. */
export function otherName(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return isEntry(text) ? Buffer.from(entryWithoutTexts(text), 'latin1') : hashedName(bytes);
}

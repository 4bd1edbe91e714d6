import { isEnclosed, KINDS, MARK, RUN } from './alphabet.js';
import type { PlaceShape } from './place.js';

/** How far a value goes on behind its run. */

/** Marks that end a value where nothing encloses it. */
const ENDING = new Set(Buffer.from(':?@#|&()'));
/** Marks that belong to the sentence around it. */
const TRAILING = new Set(Buffer.from('.!~^*%$'));

/** End of the value whose run ends at `end`. */
export function endOfValue(
  text: Uint8Array,
  end: number,
  limit: number,
  shape: PlaceShape,
  quote: number,
): number {
  // The object that holds the value shows where it ends.
  if (shape === 'owner') return limit;
  const closing = quote === 0 ? -1 : closingQuote(text, end, limit, quote);
  if (closing >= 0) return closing;
  const enclosed = quote !== 0 || shape === 'environment';
  let last = end;
  while (last < limit) {
    const byte = text[last]!;
    if ((KINDS[byte]! & (RUN | MARK)) === 0 || (!enclosed && ENDING.has(byte))) break;
    last++;
  }
  if (!enclosed) while (last > end && TRAILING.has(text[last - 1]!)) last--;
  return last;
}

/** Index of the quote that ends the value, if it has only printable characters and no blank; else -1. */
function closingQuote(text: Uint8Array, end: number, limit: number, quote: number): number {
  let last = end;
  while (last < limit && isEnclosed(text[last]!)) last++;
  return last < limit && text[last] === quote ? last : -1;
}

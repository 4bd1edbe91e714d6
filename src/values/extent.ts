import { KINDS, MARK, RUN } from './alphabet.js';
import type { Shape } from './shapes.js';

/** How far a value goes on behind its run. */

/** Marks that end a value where nothing encloses it. */
const ENDING = new Set(Buffer.from(':?@#|&()'));
/** Marks that belong to the sentence around it. */
const TRAILING = new Set(Buffer.from('.!~^*%$'));

/** Places where a value goes up to a quote, or to the end of its line. */
const ENCLOSED: ReadonlySet<Shape> = new Set<Shape>(['environment']);

/** End of the value whose run ends at `end`. */
export function endOfValue(
  text: Uint8Array,
  end: number,
  limit: number,
  shape: Shape,
  quote: number,
): number {
  const enclosed = quote !== 0 || ENCLOSED.has(shape);
  let last = end;
  while (last < limit) {
    const byte = text[last]!;
    const kind = KINDS[byte]!;
    if ((kind & (RUN | MARK)) === 0) break;
    if (!enclosed && ENDING.has(byte)) break;
    last++;
  }
  if (!enclosed) while (last > end && TRAILING.has(text[last - 1]!)) last--;
  return last;
}

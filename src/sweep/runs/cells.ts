/**
 * Numbers side by side in one run, as allocators of equal objects leave them (Go's spans, arrays of keys):
 * cut from both ends of the run, since only these are known to be edges of an object.
 */

/** Words up to which a run is taken for one object of few numbers. */
export const MOST_OBJECT = 24;
/** Words that the entropy net may miss, or add, at an end of such a run. */
const SLACK = 1;
/** Numbers cut from either end of such a run if they do not fill it. */
const MOST_UNEVEN = 2;

/**
 * Where numbers of `size` bytes may begin within a run of `words` words, in bytes from its first word, those
 * next to an end first. A run that they fill has all of them, another short one two at each end. The number
 * at its start is not among them.
 */
export function* cellsOf(words: number, size: number): Generator<number> {
  const width = size / 8;
  const rest = words % width;
  const isShort = words <= MOST_OBJECT;
  if (rest !== 0 && !isShort) return;
  const isFilled = Math.min(rest, width - rest) <= SLACK;
  const count = Math.floor((words + SLACK) / width);
  const most = isFilled ? count : Math.min(MOST_UNEVEN, count);
  for (let i = 0; i < most; i++) {
    const fromEnd = words * 8 - (i + 1) * size;
    if (fromEnd > 0) yield fromEnd;
    if (i > 0 && rest !== 0) yield i * size;
  }
}

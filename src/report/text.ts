import type { NotCounted } from '../core/model/report.js';
import type { Tally } from '../core/model/tally.js';

/** East Asian wide and full-width characters and emoji, which take two columns (Unicode UAX #11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const MARK = /\p{Mark}/u;

function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Columns of a text without control characters on a terminal. */
export function columns(text: string): number {
  let total = 0;
  for (const character of text) total += columnsOf(character);
  return total;
}

/** Stands for a space at which a line is not broken. No other text has it: control characters are escaped. */
const KEPT_SPACE = '\0';

/** Keeps {@link wrap} from breaking a path at its spaces. */
export const unbroken = (path: string): string => path.replaceAll(' ', KEPT_SPACE);

/**
 * Lines of at most `width` columns, broken at spaces alone: a path or digest can be copied from the terminal
 * even if it is wider than a line. At least one line. If there are more than `most`, the last one ends in an
 * ellipsis.
 */
export function wrap(text: string, width: number, most = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const more = columns(word);
    if (line !== '' && used + 1 + more > width) {
      lines.push(line);
      if (lines.length === most) return [...lines.slice(0, -1), cut(line, width)].map(spaced);
      line = '';
    }
    used = line === '' ? more : used + 1 + more;
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map(spaced);
}

const spaced = (line: string): string => line.replaceAll(KEPT_SPACE, ' ');

/** A line with an ellipsis behind it, for which words are dropped. */
function cut(line: string, width: number): string {
  let kept = line;
  while (kept.includes(' ') && columns(kept) + 2 > width) kept = kept.slice(0, kept.lastIndexOf(' '));
  return `${kept.replace(/[,:;]$/, '')} …`;
}

/** At most `most` characters, the last one an ellipsis if the text is longer. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${[...text.slice(0, most * 2)].slice(0, most - 1).join('')}…`;
}

/** `1,234,567`, the same in every locale. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 finding`, `2 findings`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : many}`;
}

/** Length of an unread range. */
export function unreadText(length: number | null): string {
  return length === null ? 'bytes to an unknown end' : plural(length, 'byte');
}

/** An offset in decimal and hexadecimal. */
export function offsetText(offset: number): string {
  return `offset ${offset} (0x${offset.toString(16)})`;
}

/** Findings that do not count, by reason: `2 expired, 1 baseline`; empty if there are none. */
export function countsByReason({ notCounted }: Tally): string {
  const reasons = Object.entries(notCounted) as [NotCounted, number][];
  return reasons.map(([reason, count]) => `${grouped(count)} ${reason}`).join(', ');
}

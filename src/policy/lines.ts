/** Lists of statements and notes of findings. */

/** Statements, notes and certificates kept for one finding: ten thousand JWTs may verify under one key. */
export const LINES = 20;

/** Cap on interned lists. */
const MOST = 1_024;
const interned = new Map<string, readonly string[]>();

/** An equal list, the same object for equal arguments: a flood of findings has a few different lists. */
export function internLines(lines: readonly string[]): readonly string[] {
  const key = JSON.stringify(lines);
  const known = interned.get(key);
  if (known !== undefined) return known;
  if (interned.size < MOST) interned.set(key, lines);
  return lines;
}

const texts = new Map<string, string>();
const objects = new Map<string, object>();

/** An equal text, the same one for equal arguments. */
export function internText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < MOST) texts.set(text, text);
  return text;
}

/** An equal object of plain data, the same one for equal arguments. It must not be changed. */
export function internObject<T extends object>(value: T): T {
  const key = JSON.stringify(value);
  const known = objects.get(key);
  if (known !== undefined) return known as T;
  if (objects.size < MOST) objects.set(key, value);
  return value;
}

/**
 * Adds to a sorted set of at most {@link LINES}. The least stay, so that the order of calls does not matter.
 */
export function mergeLines(into: readonly string[], lines: readonly string[]): readonly string[] {
  if (lines.every((line) => into.includes(line))) return into;
  return internLines([...new Set([...into, ...lines])].sort().slice(0, LINES));
}

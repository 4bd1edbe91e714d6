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

/**
 * Adds to a sorted set of at most {@link LINES}. The least stay, so that the order of calls does not matter.
 */
export function mergeLines(into: readonly string[], lines: readonly string[]): readonly string[] {
  if (lines.every((line) => into.includes(line))) return into;
  return internLines([...new Set([...into, ...lines])].sort().slice(0, LINES));
}

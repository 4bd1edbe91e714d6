/** Statements and notes of findings. */

/** Statements, notes and certificates kept for one finding: ten thousand JWTs may verify under one key. */
export const LINES = 20;

/** Lists that are kept once, however many findings say the same. */
const MOST = 1_024;
const lists = new Map<string, readonly string[]>();

/** An equal list, one object for all who ask: a flood of findings says the same few things. */
export function shared(lines: readonly string[]): readonly string[] {
  const key = JSON.stringify(lines);
  const known = lists.get(key);
  if (known !== undefined) return known;
  if (lists.size < MOST) lists.set(key, lines);
  return lines;
}

/** Adds to a sorted set of at most {@link LINES}: the least stay, whatever order they come in. */
export function collect(into: readonly string[], lines: readonly string[]): readonly string[] {
  if (lines.every((line) => into.includes(line))) return into;
  return shared([...new Set([...into, ...lines])].sort().slice(0, LINES));
}

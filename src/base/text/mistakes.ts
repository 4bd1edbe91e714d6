/** Mistakes of a file that a message lists. */
const MOST = 20;

/** The first lines of a list of mistakes, and how many more there are. */
export function firstMistakes(lines: readonly string[]): string[] {
  const more = lines.length - MOST;
  if (more <= 0) return [...lines];
  return [...lines.slice(0, MOST), `${more} more ${more === 1 ? 'mistake' : 'mistakes'}`];
}

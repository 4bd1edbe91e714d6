/** Mistakes of a file that a message lists. */
export const LISTED_MISTAKES = 20;

/** The first lines of a list of mistakes, and how many more there are: those left out, and `further` ones. */
export function firstMistakes(lines: readonly string[], further = 0): string[] {
  const more = Math.max(0, lines.length - LISTED_MISTAKES) + further;
  if (more <= 0) return [...lines];
  return [...lines.slice(0, LISTED_MISTAKES), `${more} more ${more === 1 ? 'mistake' : 'mistakes'}`];
}

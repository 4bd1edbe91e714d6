/**
 * Facts of a dump as an entry of the log has them. They come from processes that have read a hostile dump,
 * and an entry that is too long cannot be written: names are checked, lists are short.
 */

/** Ids of rules and formats, and what else a copy is filled for. */
const NAME = /^[a-z0-9][a-z0-9 -]{0,63}$/i;
/** Causes that are named, those with the highest numbers. */
const MOST_CAUSES = 40;
/** Characters of the reasons of a decision. */
const LONGEST_WHY = 16_000;

export const loggedName = (name: string): string => (NAME.test(name) ? name : 'unknown');

/** Numbers by name; those of names that are not shown as `others`. */
export function loggedCauses(causes: Readonly<Record<string, number>>): Record<string, number> {
  const named = Object.entries(causes).filter(([name]) => NAME.test(name));
  const shown = named.sort(([, a], [, b]) => b - a).slice(0, MOST_CAUSES);
  const total = Object.values(causes).reduce((sum, count) => sum + count, 0);
  const others = total - shown.reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries(others > 0 ? [...shown, ['others', others]] : shown);
}

/** The last reasons: the last of them is that of the rule that decided. */
export function loggedWhy(why: readonly string[]): string[] {
  let length = 0;
  const first =
    why.findLastIndex((line) => {
      length += line.length;
      return length > LONGEST_WHY;
    }) + 1;
  if (first === 0) return [...why];
  return [`${first} earlier rules: not listed`, ...why.slice(first)];
}

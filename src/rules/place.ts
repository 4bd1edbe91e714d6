import type { Rule } from './types.js';

/** Lines (from 1) of a rule's fields and examples: `id`, `examples[0]`. */
export type Lines = Readonly<Record<string, number>>;

/** `rules/github.yaml:12`: the line of a rule's field or example, or else of the rule. */
export function placeOf({ source, lines }: Pick<Rule, 'source' | 'lines'>, field: string): string {
  const line = lines?.[field];
  return line === undefined ? source : source.replace(/\d+$/, String(line));
}

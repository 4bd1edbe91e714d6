import type { Rule } from './types.js';

/** Lines of a rule's fields and examples, from 1 on: `id`, `examples[0]`. */
export type Lines = Readonly<Record<string, number>>;

/** `rules/github.yaml:12`: the line of a field or an example of a rule, else that of the rule. */
export function placeOf({ source, lines }: Pick<Rule, 'source' | 'lines'>, field: string): string {
  const line = lines?.[field];
  return line === undefined ? source : source.replace(/\d+$/, String(line));
}

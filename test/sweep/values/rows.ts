import { hydrate } from '../../../src/rules/hydrate.js';
import { parseRuleFile } from '../../../src/rules/parse.js';
import type { Rule, ValueForm } from '../../../src/rules/types.js';
import type { ValueClass } from '../../../src/rules/vocabulary.js';
import { textOf } from '../../detect/pattern-text.js';

/** Rows and values for the tests of joins. */

/** Rules of a rule file's content. */
export function rowsOf(content: string): Rule[] {
  const { rules, problems } = parseRuleFile('rows.yaml', content);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return rules.map(hydrate);
}

/** Seeded generator (LCG of Numerical Recipes): numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();

const ALPHABETS: Readonly<Record<Exclude<ValueClass, 'uuid'>, string>> = {
  decimal: DIGITS,
  hex: `${DIGITS}abcdef`,
  base32: `${UPPER}234567`,
  base36: DIGITS + LOWER,
  base62: DIGITS + LOWER + UPPER,
  base64: `${DIGITS + LOWER + UPPER}+/`,
  base64url: `${DIGITS + LOWER + UPPER}-_`,
};

/** A random value; the same for the same generator. */
export function randomValue(kind: ValueClass, length: number, random: () => number): string {
  const pick = (alphabet: string): string => alphabet[Math.floor(random() * alphabet.length)]!;
  const hex = (count: number): string => Array.from({ length: count }, () => pick(ALPHABETS.hex)).join('');
  if (kind === 'uuid') return [8, 4, 4, 4, 12].map(hex).join('-');
  const alphabet = ALPHABETS[kind];
  return Array.from({ length }, () => pick(alphabet)).join('');
}

/** A random value of a service's form. */
export function randomValueOf(form: ValueForm, random: () => number): string {
  if ('pattern' in form) return textOf(form.pattern.replace(/(?<!\\)\((?!\?)/g, '(?:'), random).text;
  return randomValue(form.class, form.lengths[0]![1], random);
}

/** The longest run of characters of values in a text: where it starts and ends. */
export function longestRun(text: string): { start: number; end: number } {
  let longest = { start: 0, end: 0 };
  for (const match of text.matchAll(/[A-Za-z0-9+/_-]+/g)) {
    const end = match.index + match[0].length;
    if (match[0].length > longest.end - longest.start) longest = { start: match.index, end };
  }
  return longest;
}

/** The run of a text that has the first characters of `value`, or its longest one. */
export function runOf(text: string, value: string): { start: number; end: number } {
  const at = text.indexOf(value);
  const { start, end } = longestRun(value);
  let [from, to] = [at + start, at + end];
  const isRun = (index: number): boolean => /[A-Za-z0-9+/_-]/.test(text[index] ?? ' ');
  while (from > 0 && isRun(from - 1)) from--;
  while (isRun(to)) to++;
  return { start: from, end: to };
}

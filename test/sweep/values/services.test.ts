import { expect, test } from '@jest/globals';
import { loadBuiltin } from '../../../src/rules/builtin.js';
import type { Rule, ServiceOfValue } from '../../../src/rules/types.js';
import { compileTables } from '../../../src/sweep/values/tables.js';
import { ValueJoin } from '../../../src/sweep/values/value-join.js';
import { NAMES_A_THING, NEGATIVE } from '../../../src/sweep/values/word-lists.js';
import { longestRun, randomValueOf, runOf, seeded } from './rows.js';

const valueJoin = new ValueJoin();

/** Every service of the bundle, with a random value of each of its forms. */

const SHORTEST = 16;
const rules = loadBuiltin().filter(({ value }) => value !== undefined);
const services = rules.filter(({ value }) => value?.type === 'service');
const tables = compileTables(rules);

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

const PLACES: readonly [shape: string, text: (words: string[], value: string) => string][] = [
  ['environment', (words, value) => `\0${words.join('_').toUpperCase()}_API_KEY=${value}\0`],
  ['JSON', (words, value) => `{"a": 1, "${words.map(capital).join('')}Token": "${value}"}`],
  ['header', (words, value) => `a\r\nX-${words.map(capital).join('-')}-Token: ${value}\r\n`],
];

/** Rule ids that the value is joined with, and its confidence. */
function joinIn(text: string, value: string): string {
  const { start, end } = runOf(text, value);
  const bytes = Buffer.from(text, 'latin1');
  const joined = valueJoin.join(bytes, start, end, tables, (rule, form, from, to) =>
    accepts(rules[rule]!, form, text.slice(from, to)),
  );
  if (joined === undefined) return 'nothing';
  return `${rules[joined.rule]!.id} ${joined.confidence}`;
}

const expressions = new Map<string, RegExp>();

function accepts(rule: Rule, form: number, text: string): boolean {
  const row = (rule.value as ServiceOfValue).forms[form]!;
  if (!('pattern' in row)) return false;
  const known = expressions.get(row.pattern) ?? new RegExp(`^(?:${row.pattern})$`);
  expressions.set(row.pattern, known);
  return known.test(text);
}

/** Services that a name may mean: several have it, or one has its first or last words. */
function owners(words: string[]): string[] {
  const name = `${words.join('')}apikey ${words.join('')}token`;
  return services
    .filter(({ value }) => (value as ServiceOfValue).names.some((each) => name.includes(each.join(''))))
    .map(({ id }) => `${id} medium`);
}

test.each(PLACES)('every service by name and form: %s', (_shape, text) => {
  const negative = new Set([...NEGATIVE, ...NAMES_A_THING]);
  const random = seeded(7);
  const missed: string[] = [];
  for (const { id, value } of services) {
    const { names, forms } = value as ServiceOfValue;
    for (const words of names.filter((each) => !each.some((word) => negative.has(word))))
      for (const form of forms) {
        const secret = randomValueOf(form, random);
        const { start, end } = longestRun(secret);
        // Padding is at the end; tokens of JSON have a rule of their own.
        if (end - start < SHORTEST || /=[^=]|^eyJ/.test(secret)) continue;
        const found = joinIn(text(words, secret), secret);
        if (found === `${id} medium` || owners(words).includes(found)) continue;
        missed.push(`${id} ${words.join(' ')}: ${found}`);
      }
  }
  expect(missed).toEqual([]);
});

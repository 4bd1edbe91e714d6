import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { NameKernel } from '../../src/sweep/value-filter.js';
import { RunContext } from '../../src/sweep/values/context.js';
import { compileTables, NEAREST_WORDS } from '../../src/sweep/values/tables.js';
import { Words } from '../../src/sweep/values/words.js';
import fc from '../support/property.js';

const rules = loadBuiltin();
const tables = compileTables(rules);
const kernel = new NameKernel(tables);

/** Whether words that lead to a rule are before the end of a text, by splitting it. */
function hasName(text: Buffer): boolean {
  const context = new RunContext();
  const words = new Words();
  context.read(text, Math.max(0, text.length - 128), text.length, text.length);
  const { bytes, length } = context;
  words.read(bytes, Math.max(0, length - NEAREST_WORDS), length, tables);
  return words.useful;
}

const names = rules.flatMap(({ value }) =>
  value?.type === 'name' ? [value.words] : value?.type === 'service' ? value.names : [],
);
const wide = (text: Buffer) => Buffer.from(text.toString('latin1'), 'utf16le');

const casing = fc.constantFrom<(word: string, at: number) => string>(
  (word) => word,
  (word) => word.toUpperCase(),
  (word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1)),
);
const name = fc
  .tuple(fc.constantFrom(...names), casing, fc.constantFrom('', '_', '-', '.', ' ', '/', '__'))
  .map(([words, cased, separator]) => words.map(cased).join(separator));
const noise = fc.string({ unit: fc.constantFrom(...'aZ09_-./ :="\\&%\0\n{'), maxLength: 30 });
const text = fc.tuple(noise, name, noise).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

describe('the kernel of names', () => {
  test('refuses no text with a name', () => {
    fc.assert(
      fc.property(text, (text) => {
        if (!hasName(text)) return;
        expect(kernel.mayHaveName(text, text.length, 1)).toBe(true);
        expect(kernel.mayHaveName(wide(text), 2 * text.length, 2)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('takes each name of the rules, directly before a value and as far away as names are read', () => {
    for (const words of names)
      for (const behind of [1, NEAREST_WORDS - words.join('_').length]) {
        const text = Buffer.from(`${'x1'.repeat(80)}:${words.join('_')}${'='.repeat(behind)}`);
        expect([words, hasName(text)]).toEqual([words, true]);
        expect([words, kernel.mayHaveName(text, text.length, 1)]).toEqual([words, true]);
      }
  });

  test('refuses nearly all random characters, and texts without a name', () => {
    const count = 2000;
    let taken = 0;
    for (let i = 0; i < count; i++) {
      const text = Buffer.from(randomBytes(96).toString('base64'));
      if (kernel.mayHaveName(text, text.length, 1)) taken++;
    }
    expect(taken).toBeLessThan(count / 12);
    const plain = Buffer.from('the quick brown fox jumps over the lazy dog\0'.repeat(4));
    expect(kernel.mayHaveName(plain, plain.length, 1)).toBe(false);
  });

  test('takes a text with an escape, which may be changed by it', () => {
    const takes = (text: Buffer) => kernel.mayHaveName(text, text.length, 1);
    for (const mark of ['\\n', '\\\\', '\\u0022', '%22', '&quot;', '&#34;'])
      expect([mark, takes(Buffer.from(`${mark}${'='.repeat(90)}`))]).toEqual([mark, true]);
    for (const mark of ['\\=', '%z', '& ', '&b'])
      expect([mark, takes(Buffer.from(`${mark}${'='.repeat(90)}`))]).toEqual([mark, false]);
  });

  test('reads nothing before the beginning of the bytes', () => {
    const bytes = Buffer.from('a0');
    for (const stride of [1, 2] as const)
      for (let offset = 0; offset <= 2; offset++)
        expect(kernel.mayHaveName(bytes, offset, stride)).toBe(false);
  });

  test('takes all where a rule has a name of two characters', () => {
    const [rule] = rules.filter(({ value }) => value?.type === 'name');
    if (rule?.value?.type !== 'name') throw new Error('no rule has a name');
    const short = new NameKernel(compileTables([{ ...rule, value: { ...rule.value, words: ['pw'] } }]));
    expect(short.mayHaveName(Buffer.from('x'.repeat(99)), 99, 1)).toBe(true);
  });
});

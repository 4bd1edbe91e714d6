import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failureLinks, trieOf } from '../support/scalar-kernel/trie.js';

const words = fc.array(fc.uint8Array({ minLength: 1, maxLength: 6, max: 2 }), {
  minLength: 1,
  maxLength: 20,
});

/** The prefix of each state, read from the transitions. */
function prefixes({ rows, symbols }: ReturnType<typeof trieOf>): string[] {
  const prefix = [''];
  for (let state = 0; state < rows.length - 1; state++)
    for (let i = rows[state]!; i < rows[state + 1]!; i++) prefix[i + 1] = prefix[state]! + symbols[i];
  return prefix;
}

const text = (word: Uint8Array): string => word.join('');

describe('a trie', () => {
  test('has a state for each prefix of a word, shortest first, and no other', () => {
    fc.assert(
      fc.property(words, (list) => {
        const all = list.flatMap((word) =>
          Array.from({ length: word.length + 1 }, (_, n) => text(word.slice(0, n))),
        );
        const states = prefixes(trieOf(list));
        expect([...states].sort()).toEqual([...new Set(all)].sort());
        const lengths = states.map(({ length }) => length);
        expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
      }),
    );
  });

  test('has every word at the state of its text, also equal ones', () => {
    fc.assert(
      fc.property(words, (list) => {
        const trie = trieOf(list);
        const ended = prefixes(trie).flatMap((prefix, state) =>
          Array.from(trie.words.slice(trie.ends[state], trie.ends[state + 1]), (word) => [word, prefix]),
        );
        const expected = list.map((word, i) => [i, text(word)]);
        expect(ended.sort(([a], [b]) => Number(a) - Number(b))).toEqual(expected);
      }),
    );
  });

  test('links each state to that of its longest proper suffix', () => {
    fc.assert(
      fc.property(words, (list) => {
        const trie = trieOf(list);
        const states = prefixes(trie);
        const links = failureLinks(trie);
        for (const [state, prefix] of states.entries()) {
          const suffixes = Array.from({ length: prefix.length }, (_, n) => prefix.slice(n + 1));
          expect(states[links[state]!]).toBe(suffixes.find((each) => states.includes(each)) ?? '');
        }
      }),
    );
  });
});

/**
 * The trie of some words. States are numbered breadth first from 0, the root; transition i leads to state
 * i + 1.
 */
export interface Trie {
  /** Transitions of state s: `symbols` from rows[s] up to rows[s + 1], ascending. */
  rows: Uint32Array;
  symbols: Uint8Array;
  /** Words that end at state s: `words` from ends[s] up to ends[s + 1]. */
  ends: Uint32Array;
  words: Uint32Array;
}

/** Builds a {@link Trie} from the sorted words, in which those of a state are neighbours. */
export function trieOf(words: readonly Uint8Array[]): Trie {
  const sorted = Array.from(words.keys()).sort((a, b) => Buffer.compare(words[a]!, words[b]!));
  const rows = [0];
  const symbols: number[] = [];
  const ends = [0];
  const ended: number[] = [];
  // The words of each state of a level: from, to, from, to …
  let level = [0, sorted.length];
  for (let depth = 0; level.length > 0; depth++) {
    const next: number[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const to = level[i + 1]!;
      let at = level[i]!;
      while (at < to && words[sorted[at]!]!.length === depth) ended.push(sorted[at++]!);
      ends.push(ended.length);
      while (at < to) {
        const from = at;
        const symbol = words[sorted[at]!]![depth]!;
        while (at < to && words[sorted[at]!]![depth] === symbol) at++;
        symbols.push(symbol);
        next.push(from, at);
      }
      rows.push(symbols.length);
    }
    level = next;
  }
  return {
    rows: Uint32Array.from(rows),
    symbols: Uint8Array.from(symbols),
    ends: Uint32Array.from(ends),
    words: Uint32Array.from(ended),
  };
}

/**
 * By state, the state of its longest proper suffix that is in the trie (Aho and Corasick 1975, algorithm 3).
 * It has a smaller number.
 */
export function failureLinks({ rows, symbols }: Trie): Uint32Array {
  const failure = new Uint32Array(rows.length - 1);
  const next = (state: number, symbol: number): number => {
    for (let i = rows[state]!; i < rows[state + 1]!; i++) if (symbols[i] === symbol) return i + 1;
    return 0;
  };
  for (let state = 1; state < failure.length; state++)
    for (let i = rows[state]!; i < rows[state + 1]!; i++) {
      let suffix = failure[state]!;
      let found = next(suffix, symbols[i]!);
      while (found === 0 && suffix !== 0) {
        suffix = failure[suffix]!;
        found = next(suffix, symbols[i]!);
      }
      failure[i + 1] = found;
    }
  return failure;
}

import { caseMask, fold, type Pattern, unpackPatterns } from '../../../src/sweep/patterns.js';
import type { Net } from '../../../src/sweep/types.js';
import { failureLinks, trieOf } from './trie.js';

/** States with a transition for every byte: those nearest to the root, where a scan spends its time. */
const DENSE = 512;

/**
 * The Aho-Corasick automaton of a net's patterns as flat tables. States are numbered breadth first from 0,
 * the root; patterns are numbered as in the net.
 */
export interface Automaton {
  /** 256 transitions of each of the first states, with failure links resolved. */
  dense: Uint32Array;
  /** Sparse transitions of state s: `symbols` and `targets` from rows[s] up to rows[s + 1]. */
  rows: Uint32Array;
  symbols: Uint8Array;
  targets: Uint32Array;
  /** Failure link of each state. */
  failure: Uint32Array;
  /** Patterns that end in state s: `outputs` from ends[s] up to ends[s + 1]. */
  ends: Uint32Array;
  outputs: Uint32Array;
  /** Pattern ids, and where each pattern's bytes start. */
  ids: Uint32Array;
  starts: Uint32Array;
  /**
   * The patterns, and the bits of each byte that must be equal: some patterns are caseless, others are not.
   */
  bytes: Uint8Array;
  masks: Uint8Array;
  /** Data byte to symbol: the same, or lower case. */
  folding: Uint8Array;
}

function flatten(patterns: readonly Pattern[]): Automaton {
  const folded = patterns.some(({ caseless }) => caseless);
  const trie = trieOf(patterns.map(({ bytes }) => bytes.map((byte) => fold(byte, folded))));
  const { rows, symbols } = trie;
  const failure = failureLinks(trie);
  const states = failure.length;
  const targets = Uint32Array.from(symbols, (_, i) => i + 1);

  // What ends in the state of a suffix ends here, too.
  const ends = new Uint32Array(states + 1);
  const outputs: number[] = [];
  for (let state = 0; state < states; state++) {
    for (let i = trie.ends[state]!; i < trie.ends[state + 1]!; i++) outputs.push(trie.words[i]!);
    const suffix = failure[state]!;
    if (state > 0) for (let i = ends[suffix]!; i < ends[suffix + 1]!; i++) outputs.push(outputs[i]!);
    ends[state + 1] = outputs.length;
  }

  // A failure link leads to a state of smaller depth, which breadth-first order puts before this one.
  const dense = new Uint32Array(256 * Math.min(DENSE, states));
  for (let at = 0; at < dense.length; at += 256) {
    const state = at >> 8;
    if (state > 0) dense.copyWithin(at, 256 * failure[state]!, 256 * (failure[state]! + 1));
    for (let i = rows[state]!; i < rows[state + 1]!; i++) dense[at + symbols[i]!] = targets[i]!;
  }

  const starts = new Uint32Array(patterns.length + 1);
  for (const [i, { bytes }] of patterns.entries()) starts[i + 1] = starts[i]! + bytes.length;
  return {
    dense,
    rows,
    symbols,
    targets,
    failure,
    ends,
    outputs: Uint32Array.from(outputs),
    ids: Uint32Array.from(patterns, ({ id }) => id),
    starts,
    bytes: Buffer.concat(patterns.map(({ bytes }) => bytes)),
    masks: Buffer.concat(
      patterns.map(({ bytes, caseless }) => bytes.map((byte) => caseMask(byte, caseless))),
    ),
    folding: Uint8Array.from({ length: 256 }, (_, byte) => fold(byte, folded)),
  };
}

const built = new WeakMap<Net, Automaton>();

/** The automaton of a net's patterns, built once for each net. */
export function automatonOf(net: Net): Automaton {
  const automaton = built.get(net) ?? flatten(unpackPatterns(net.images.patterns!));
  built.set(net, automaton);
  return automaton;
}

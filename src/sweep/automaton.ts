import AhoCorasick from 'ahocorasick';
import { caseMask, foldings, type Pattern, shared, unpackPatterns } from './patterns.js';
import type { Net } from './types.js';

/** States nearest to the root get a full row of transitions, one for each byte: that is where a scan spends its time. */
const DENSE = 512;

/** The folded form of a byte: lower case where case does not matter. */
export function fold(byte: number, caseless: boolean): number {
  return foldings(byte, caseless)[0]!;
}

/** States of the automaton in breadth-first order, so that the dense ones come first. */
function breadthFirst(gotoFn: AhoCorasick['gotoFn']): { order: number[]; edges: [number, number][][] } {
  const order = [0];
  const edges: [number, number][][] = [];
  for (let i = 0; i < order.length; i++) {
    const row = Object.entries(gotoFn[order[i]!]!).map(([byte, to]): [number, number] => [Number(byte), to]);
    edges.push(row);
    for (const [, to] of row) order.push(to);
  }
  return { order, edges };
}

/**
 * `ahocorasick`'s automaton over the net's patterns, flattened into images of u32 (`bytes` and `symbols`: u8):
 * - `dense`: 256 transitions for each of the first states, failure links followed;
 * - `rows`, `symbols`, `targets`: sparse transitions of state s at rows[s] up to rows[s + 1]; `failure`: its failure link;
 * - `ends`, `outputs`: patterns that end in s, at ends[s] up to ends[s + 1];
 * - `ids`, `starts`, `bytes`, `masks`: the patterns themselves, for those whose case matters while another's does not.
 * `options`: 1 where the data is folded to lower case.
 */
function flatten(patterns: readonly Pattern[]): Record<string, SharedArrayBuffer> {
  const folded = patterns.some(({ caseless }) => caseless);
  const numbers = new Map<Uint8Array, number>();
  const words = patterns.map(({ bytes }, i) => {
    const word = bytes.map((byte) => fold(byte, folded));
    numbers.set(word, i);
    return word;
  });
  const { gotoFn, failure, output } = new AhoCorasick(words);
  const { order, edges } = breadthFirst(gotoFn);
  const place = new Uint32Array(order.length);
  for (const [to, from] of order.entries()) place[from] = to;

  const rows = new Uint32Array(order.length + 1);
  const symbols = new Uint8Array(order.length);
  const targets = new Uint32Array(order.length);
  const failures = new Uint32Array(order.length);
  const ends = new Uint32Array(order.length + 1);
  const outputs: number[] = [];
  let edge = 0;
  for (const [state, old] of order.entries()) {
    for (const [byte, to] of edges[state]!) {
      symbols[edge] = byte;
      targets[edge++] = place[to]!;
    }
    rows[state + 1] = edge;
    failures[state] = place[failure[old] ?? 0]!;
    for (const word of output[old] ?? []) outputs.push(numbers.get(word)!);
    ends[state + 1] = outputs.length;
  }

  // A failure link leads to a state of less depth, which breadth-first order has put before this one.
  const dense = new Uint32Array(256 * Math.min(DENSE, order.length));
  for (let at = 0; at < dense.length; at += 256) {
    const state = at >> 8;
    if (state > 0) dense.copyWithin(at, 256 * failures[state]!, 256 * (failures[state]! + 1));
    for (let i = rows[state]!; i < rows[state + 1]!; i++) dense[at + symbols[i]!] = targets[i]!;
  }

  const starts = new Uint32Array(patterns.length + 1);
  for (const [i, { bytes }] of patterns.entries()) starts[i + 1] = starts[i]! + bytes.length;
  const images = {
    dense,
    rows,
    symbols,
    targets,
    failure: failures,
    ends,
    outputs: Uint32Array.from(outputs),
    ids: Uint32Array.from(patterns, ({ id }) => id),
    starts,
    bytes: Buffer.concat(patterns.map(({ bytes }) => bytes)),
    masks: Buffer.concat(
      patterns.map(({ bytes, caseless }) => bytes.map((byte) => caseMask(byte, caseless))),
    ),
    options: Uint32Array.of(folded ? 1 : 0),
  };
  return Object.fromEntries(Object.entries(images).map(([name, image]) => [name, shared(image)]));
}

const built = new WeakMap<Net, Net>();

/** The same net with the automaton's images in place of the SIMD kernels'; built once, where a scalar kernel is in use. */
export function scalarNet(net: Net): Net {
  let scalar = built.get(net);
  if (scalar === undefined) {
    scalar = { ...net, images: flatten(unpackPatterns(net.images.patterns!)) };
    built.set(net, scalar);
  }
  return scalar;
}

import { fold } from './automaton.js';
import type { HitList } from './hits.js';
import type { Kernel } from './kernel.js';
import type { Net } from './types.js';

type Table<T> = Record<'words', Record<string, Uint32Array>> & T;

/** Aho-Corasick over the flattened automaton: the kernel where WASM SIMD is not to be had, and the oracle of the others. */
export class ScalarKernel implements Kernel {
  #net: Net | undefined;
  #window = new Uint8Array(0);
  /** Data bytes to the automaton's: identity, or lower case. */
  readonly #folding = new Uint8Array(256);
  #tables: Table<{ symbols: Uint8Array; bytes: Uint8Array; masks: Uint8Array }> | undefined;

  /** `net` as {@link scalarNet} made it. */
  load(net: Net): void {
    if (net === this.#net) return;
    this.#net = net;
    const words: Record<string, Uint32Array> = {};
    for (const name of [
      'dense',
      'rows',
      'targets',
      'failure',
      'ends',
      'outputs',
      'ids',
      'starts',
      'options',
    ]) {
      words[name] = new Uint32Array(net.images[name]!);
    }
    const bytes = (name: string) => new Uint8Array(net.images[name]!);
    this.#tables = { words, symbols: bytes('symbols'), bytes: bytes('bytes'), masks: bytes('masks') };
    for (let byte = 0; byte < 256; byte++) this.#folding[byte] = fold(byte, words.options![0] === 1);
  }

  window(size: number): Uint8Array {
    if (this.#window.length < size) this.#window = new Uint8Array(size);
    return this.#window.subarray(0, size);
  }

  scan(from: number, to: number, end: number, base: number, hits: HitList): void {
    const { words, symbols } = this.#tables!;
    const { dense, rows, targets, failure, ends } = words as Required<typeof words> & {
      [name: string]: Uint32Array;
    };
    const data = this.#window;
    const folding = this.#folding;
    const full = dense!.length >> 8;
    let state = 0;
    for (let at = from; at < end; at++) {
      const symbol = folding[data[at]!]!;
      for (;;) {
        if (state < full) {
          state = dense![(state << 8) | symbol]!;
          break;
        }
        let edge = rows![state]!;
        const last = rows![state + 1]!;
        while (edge < last && symbols[edge] !== symbol) edge++;
        if (edge < last) {
          state = targets![edge]!;
          break;
        }
        state = failure![state]!;
      }
      if (ends![state] !== ends![state + 1]) this.#report(state, at + 1, to, base, hits);
    }
  }

  /** The patterns that end at `end` and start before `to`; none starts before the scan did. */
  #report(state: number, end: number, to: number, base: number, hits: HitList): void {
    const { words, bytes, masks } = this.#tables!;
    for (let i = words.ends![state]!; i < words.ends![state + 1]!; i++) {
      const pattern = words.outputs![i]!;
      const from = words.starts![pattern]!;
      const size = words.starts![pattern + 1]! - from;
      const start = end - size;
      if (start >= to) continue;
      let k = 0;
      while (k < size && ((this.#window[start + k]! ^ bytes[from + k]!) & masks[from + k]!) === 0) k++;
      if (k === size) hits.push(base + start, words.ids![pattern]!);
    }
  }
}

import { isWideForm, literalIndex } from '../../../src/core/base/bytes/literal-id.js';
import { finish } from '../../../src/core/base/runtime/turns.js';
import type { HitList } from '../../../src/sweep/hits.js';
import { RunLists, type SweepKernel } from '../../../src/sweep/kernel.js';
import type { Net, ValueImages } from '../../../src/sweep/types.js';
import { type Automaton, automatonOf } from './automaton.js';
import { scalarDigits } from './digits.js';
import { scalarRuns } from './runs.js';
import { scalarTexts } from './texts.js';
import { ValueRuns } from './values.js';

/** The oracle in tests of the kernels: Aho-Corasick, and each net by its definition. */
export class ScalarKernel extends RunLists implements SweepKernel {
  readonly skipsZeros = false;
  readonly #preceding = new Uint8Array(8);
  #net: Net | undefined;
  #automaton: Automaton | undefined;
  #window = new Uint8Array(0);
  #findsValues = true;

  preceding(): Uint8Array {
    return this.#preceding;
  }

  load(net: Net): void {
    if (net === this.#net) return;
    this.#net = undefined;
    this.#automaton = automatonOf(net);
    this.#net = net;
  }

  extractRuns(packed: Float64Array): Float64Array {
    return packed;
  }

  decodeTexts(): void {}

  findValues(on: boolean): void {
    this.#findsValues = on;
  }

  wipe(): void {
    this.#window.fill(0);
  }

  window(size: number): Uint8Array {
    if (this.#window.length < size) this.#window = new Uint8Array(size);
    return this.#window.subarray(0, size);
  }

  scan(from: number, to: number, end: number, base: number, hits: HitList): void {
    const { dense, rows, symbols, targets, failure, ends, folding } = this.#automaton!;
    const data = this.#window;
    if (this.digits) scalarDigits(data, from, to, end, base, this.digits);
    if (this.texts) scalarTexts(data, from, to, base, this.texts);
    const preceding = from === 0 ? this.#preceding : data.subarray(from - 8, from);
    if (this.runs) scalarRuns(data, from, to, end, preceding, base, this.runs);
    const found = hits.length;
    const denseStates = dense.length >> 8;
    let state = 0;
    for (let at = from; at < end; at++) {
      const byte = data[at]!;
      const symbol = folding[byte]!;
      const before = state;
      // A sparse state: take its edge, or follow failure links
      // to a state with one, at the latest a dense state.
      for (;;) {
        if (state < denseStates) {
          state = dense[(state << 8) | symbol]!;
          break;
        }
        let edge = rows[state]!;
        const last = rows[state + 1]!;
        while (edge < last && symbols[edge] !== symbol) edge++;
        if (edge < last) {
          state = targets[edge]!;
          break;
        }
        state = failure[state]!;
      }
      if (ends[state] !== ends[state + 1]) this.#report(state, at + 1, to, base, hits);
      // The same byte leads to the same state again: empty pages are most of a dump.
      else if (state === before) while (data[at + 1] === byte && at + 1 < end) at++;
    }
    const { longest, values } = this.#net!;
    if (values === undefined) return;
    const known = Math.min(end, to + longest - 1);
    const swept = { bytes: data, from, to, end: known, ...(from === 0 ? { preceding } : {}) };
    this.#values(new ValueRuns(swept), values, base, found, hits);
  }

  /** Drops the hits of prefixes, from index `first` on, that begin no value. */
  #values(
    runs: ValueRuns,
    { prefixed, names }: ValueImages,
    base: number,
    first: number,
    hits: HitList,
  ): void {
    if (prefixed) {
      const isPrefix = new Uint8Array(prefixed);
      const mayBegin = (offset: number, id: number) => {
        if (isPrefix[literalIndex(id)] !== 1) return true;
        return this.#findsValues && runs.mayBegin(offset - base, isWideForm(id) ? 2 : 1);
      };
      finish(hits.keep(first, mayBegin));
    }
    if (names && this.#findsValues) runs.random((at, id) => this.values?.push(base + at, id));
  }

  /** Adds the patterns that end at `end` and start before `to`; none starts before the scan did. */
  #report(state: number, end: number, to: number, base: number, hits: HitList): void {
    const { ends, outputs, ids, starts, bytes, masks } = this.#automaton!;
    const data = this.#window;
    for (let i = ends[state]!; i < ends[state + 1]!; i++) {
      const pattern = outputs[i]!;
      const from = starts[pattern]!;
      const size = starts[pattern + 1]! - from;
      const start = end - size;
      if (start >= to) continue;
      let k = 0;
      while (k < size && ((data[start + k]! ^ bytes[from + k]!) & masks[from + k]!) === 0) k++;
      if (k === size) hits.push(base + start, ids[pattern]!);
    }
  }
}

import { IntColumn } from '../../../core/base/bytes/int-column.js';
import { AscendingSet } from './ascending-set.js';

/** Values of one holder that are followed; the others are reported if it has the name of a secret. */
const MOST_IN_HOLDER = 4096;
/** References to one node that are looked at. */
const MOST_TO_NODE = 2 ** 16;

/** Nodes with the values that each is or holds, in columns. Nodes are added in ascending order. */
export class Targets {
  readonly nodes = new AscendingSet();
  /** By node: its first value, and references to it that were taken. */
  readonly #firsts = new IntColumn();
  readonly #taken = new IntColumn();
  /** Twice a value, plus 1 if it is held by a wrapper. */
  readonly #values = new IntColumn();
  /** Values of a node that are not followed; few nodes have some. */
  readonly #dropped = new Map<number, number>();

  get size(): number {
    return this.nodes.size;
  }

  add(node: number, value: number, generic: boolean): void {
    const target = this.#enter(node);
    const first = this.#firsts.at(target);
    const last = this.#values.count - 1;
    if (last >= first && this.#values.at(last) >>> 1 === value) {
      if (!generic) this.#values.set(last, 2 * value);
    } else if (this.#values.count - first < MOST_IN_HOLDER) this.#values.push(2 * value + (generic ? 1 : 0));
    else this.#drop(target, 1);
  }

  /** Adds a node for values that were not followed. */
  addDropped(node: number, count: number): void {
    if (count > 0) this.#drop(this.#enter(node), count);
  }

  droppedOf(target: number): number {
    return this.#dropped.get(target) ?? 0;
  }

  /** Values of a node that were not followed; each is counted once. */
  takeDropped(target: number): number {
    const dropped = this.droppedOf(target);
    this.#dropped.delete(target);
    return dropped;
  }

  /** Counts a reference to a node; false if it has too many. */
  takes(target: number): boolean {
    const taken = this.#taken.at(target);
    if (taken >= MOST_TO_NODE) return false;
    this.#taken.set(target, taken + 1);
    return true;
  }

  /** Number of the values of a node. */
  countOf(target: number): number {
    return this.#endOf(target) - this.#firsts.at(target);
  }

  /** `generic`: a wrapper holds the value. */
  *valuesOf(target: number): Generator<{ value: number; generic: boolean }> {
    const end = this.#endOf(target);
    for (let at = this.#firsts.at(target); at < end; at++) {
      const entry = this.#values.at(at);
      yield { value: entry >>> 1, generic: entry % 2 === 1 };
    }
  }

  #enter(node: number): number {
    const target = this.nodes.add(node);
    if (target === this.#firsts.count) {
      this.#firsts.push(this.#values.count);
      this.#taken.push(0);
    }
    return target;
  }

  #drop(target: number, count: number): void {
    this.#dropped.set(target, this.droppedOf(target) + count);
  }

  #endOf(target: number): number {
    return target + 1 < this.#firsts.count ? this.#firsts.at(target + 1) : this.#values.count;
  }
}

/** How a holder, which may have a name itself, has what it refers to. */
const KINDS = ['part', 'wrapped', 'sliced'] as const;
export type StepKind = (typeof KINDS)[number];

/** References by holders, ascending by holder. */
export class HolderSteps {
  /** Three times the index of the target, plus the kind. */
  readonly #targets = new IntColumn();
  readonly #holders = new IntColumn();

  add(target: number, holder: number, kind: StepKind): void {
    this.#targets.push(KINDS.length * target + KINDS.indexOf(kind));
    this.#holders.push(holder);
  }

  *all(): Generator<{ target: number; holder: number; kind: StepKind }> {
    for (let i = 0; i < this.#targets.count; i++) {
      const entry = this.#targets.at(i);
      const kind = KINDS[entry % KINDS.length]!;
      yield { target: Math.floor(entry / KINDS.length), holder: this.#holders.at(i) >>> 0, kind };
    }
  }
}

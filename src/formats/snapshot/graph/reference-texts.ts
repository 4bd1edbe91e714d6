import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { MayName } from '../../memory/types.js';
import type { GraphLayout } from './layout.js';
import { type NamedReference, nodesRead } from './naming.js';
import type { Nodes } from './nodes.js';
import type { StringList } from './strings.js';

/** References between two pauses. */
const PACE = 4096;

/** Puts the references of a batch into words: reads the texts that their names need, for all together. */
export class ReferenceTexts {
  readonly #nodes: Nodes;
  readonly #mayName: MayName;
  readonly #edgeTypes: readonly string[];
  readonly #nodeTypes: readonly string[];
  /** By type of edge: it has a name, which is a string; the name may be an index in digits. */
  readonly #isNamed: readonly boolean[];
  readonly #isInternal: readonly boolean[];
  readonly #edgeNames: TextCache;
  readonly #nodeNames: TextCache;

  constructor({ edges, nodes: table }: GraphLayout, nodes: Nodes, strings: StringList, mayName: MayName) {
    this.#nodes = nodes;
    this.#mayName = mayName;
    this.#edgeTypes = edges.types;
    this.#nodeTypes = table.types;
    this.#isNamed = edges.types.map((type) => type !== 'element' && type !== 'hidden');
    this.#isInternal = edges.types.map((type) => type === 'internal');
    this.#edgeNames = new TextCache(strings);
    this.#nodeNames = new TextCache(strings);
  }

  /** Returns a function that gives a reference of the batch, which must not change before. */
  *read(batch: ReferenceBatch): Pausing<never, (at: number) => NamedReference> {
    yield* this.#edgeNames.read(this.#namesOfEdges(batch));
    const pace = new Pace(PACE);
    const wanted = new Set<number>();
    for (let at = 0; at < batch.count; at++) {
      if (pace.isDue()) yield;
      for (const node of this.#nodesRead(batch, at)) wanted.add(node);
    }
    const names = yield* this.#nodes.names(ascending(wanted));
    yield* this.#nodeNames.read(new Set(names.values()));
    const nameOf = (node: number) => this.#nodeNames.get(names.get(node) ?? -1);
    return (at) => ({
      type: this.#edgeTypes[batch.type[at]!] ?? '',
      name: this.#labelOf(batch.type[at]!, batch.nameOrIndex[at]!),
      holder: { type: this.#typeOf(batch.owner[at]!), name: nameOf(batch.owner[at]!) ?? '' },
      before: this.#isBeside(batch, at) ? nameOf(batch.before[at]!) : undefined,
      key: nameOf(batch.key[at]!),
    });
  }

  /** Numbers of the strings that name edges, or have an index in digits. */
  #namesOfEdges({ count, type, nameOrIndex, beforeIndex }: ReferenceBatch): Set<number> {
    const numbers = new Set<number>();
    for (let at = 0; at < count; at++) {
      if (!this.#isNamed[type[at]!]) continue;
      numbers.add(nameOrIndex[at]!);
      if (this.#isInternal[type[at]!]) numbers.add(beforeIndex[at]!);
    }
    return numbers;
  }

  /** The nodes whose names are read for a reference. */
  *#nodesRead(batch: ReferenceBatch, at: number): Generator<number> {
    const type = this.#edgeTypes[batch.type[at]!] ?? '';
    const name = this.#labelOf(batch.type[at]!, batch.nameOrIndex[at]!);
    const holderType = this.#typeOf(batch.owner[at]!);
    for (const node of nodesRead({ type, name, holderType }, this.#mayName)) {
      if (node === 'holder') yield batch.owner[at]!;
      else if (node === 'key' && this.#isString(batch.key[at]!)) yield batch.key[at]!;
      else if (node === 'before' && this.#isBeside(batch, at) && this.#isString(batch.before[at]!))
        yield batch.before[at]!;
    }
  }

  /** True if the node before has an index one less. */
  #isBeside({ type, nameOrIndex, beforeIndex }: ReferenceBatch, at: number): boolean {
    const index = Number(this.#labelOf(type[at]!, nameOrIndex[at]!));
    return Number(this.#labelOf(type[at]!, beforeIndex[at]!)) === index - 1;
  }

  #labelOf(type: number, name: number): string {
    return this.#isNamed[type] ? (this.#edgeNames.get(name) ?? '') : String(name);
  }

  #typeOf(node: number): string {
    return this.#nodeTypes[this.#nodes.types[node]!] ?? '';
  }

  #isString(node: number): boolean {
    return this.#typeOf(node) === 'string';
  }
}

/** Texts that are kept, of at most 256 characters. */
const MOST = 2 ** 16;

/** Texts of strings by number: names of edges and of nodes recur. */
class TextCache {
  readonly #strings: StringList;
  readonly #texts = new Map<number, string>();

  constructor(strings: StringList) {
    this.#strings = strings;
  }

  /** Reads those that are not known; others may be forgotten. */
  *read(numbers: ReadonlySet<number>): Pausing<never> {
    let missing = [...numbers].filter((number) => !this.#texts.has(number));
    if (missing.length === 0) return;
    if (this.#texts.size + missing.length > MOST) {
      this.#texts.clear();
      missing = [...numbers];
    }
    yield* this.#strings.texts(ascending(missing), (number, text) => this.#texts.set(number, text));
  }

  get(number: number): string | undefined {
    return this.#texts.get(number);
  }
}

/** Sorted by value. */
const ascending = (numbers: Iterable<number>): Float64Array => Float64Array.from(numbers).sort();

/** Edges to targets, in columns: who refers to each, and what may name it. */
export class ReferenceBatch {
  count = 0;
  /** Index of the target in their set. */
  readonly target: Int32Array;
  readonly owner: Float64Array;
  /** Type of the edge, as in the snapshot's description. */
  readonly type: Uint32Array;
  /** Number of the string that names it, or its index. */
  readonly nameOrIndex: Uint32Array;
  /** The node that the owner refers to just before, by an edge without a name; -1 if there is none. */
  readonly before: Float64Array;
  /** {@link nameOrIndex} of that edge. */
  readonly beforeIndex: Uint32Array;
  /** The node that the owner refers to by a property such as `key` or `name`; -1 if there is none. */
  readonly key: Float64Array;

  /** `most`: references for which there is room. */
  constructor(most: number) {
    this.target = new Int32Array(most);
    this.owner = new Float64Array(most);
    this.type = new Uint32Array(most);
    this.nameOrIndex = new Uint32Array(most);
    this.before = new Float64Array(most);
    this.beforeIndex = new Uint32Array(most);
    this.key = new Float64Array(most);
  }

  /** Adds a reference whose key is not known yet. */
  push(
    target: number,
    owner: number,
    type: number,
    nameOrIndex: number,
    before: number,
    beforeIndex: number,
  ): void {
    const at = this.count++;
    this.target[at] = target;
    this.owner[at] = owner;
    this.type[at] = type;
    this.nameOrIndex[at] = nameOrIndex;
    this.before[at] = before;
    this.beforeIndex[at] = beforeIndex;
    this.key[at] = -1;
  }

  /** Removes references; returns how many. `isKept`: called for the target of each, in order. */
  filter(isKept: (target: number) => boolean): number {
    const { target, owner, type, nameOrIndex, before, beforeIndex, key, count } = this;
    let kept = 0;
    for (let at = 0; at < count; at++) {
      if (!isKept(target[at]!)) continue;
      if (kept < at)
        for (const column of [target, owner, type, nameOrIndex, before, beforeIndex, key])
          column[kept] = column[at]!;
      kept++;
    }
    this.count = kept;
    return count - kept;
  }
}

import type { ByteReader } from '../../../base/bytes/storage.js';
import type { Pausing } from '../../../base/runtime/turns.js';
import type { Extent, Owner } from '../../../model/report.js';
import { type EdgeFacts, NodeSet, type Reference, references } from './edges.js';
import { type GraphLayout, readLayout } from './layout.js';
import { type Judge, KEY_NAMES, type NamedReference, namingOf } from './naming.js';
import { Nodes } from './nodes.js';
import { type HeldString, StringList } from './strings.js';

export interface Owned {
  value: Extent;
  owner: Owner;
  hops: number;
}

/** Passes over all edges: to the value, to a collection of it, to a collection in another. */
const PASSES = 3;
/** References that are kept in one pass. */
const MOST = 2 ** 20;

/**
 * What holds the strings that contain an extent of `values` (ascending) in a heap snapshot of V8: nothing for
 * one that is damaged.
 */
export function* ownersIn(reader: ByteReader, values: readonly Extent[], judge: Judge): Pausing<Owned> {
  const layout = yield* readLayout(reader);
  if (layout !== undefined) yield* new OwnerSearch(reader, layout, judge).owners(values);
}

class OwnerSearch {
  readonly #reader: ByteReader;
  readonly #layout: GraphLayout;
  readonly #judge: Judge;
  readonly #strings: StringList;
  readonly #isString: readonly boolean[];
  #keyNames: ReadonlySet<number> = new Set();
  #nodes!: Nodes;

  constructor(reader: ByteReader, layout: GraphLayout, judge: Judge) {
    this.#reader = reader;
    this.#layout = layout;
    this.#judge = judge;
    this.#strings = new StringList(reader);
    this.#isString = layout.nodes.types.map((type) => type === 'string');
  }

  *owners(values: readonly Extent[]): Pausing<Owned> {
    const { held, words } = yield* this.#strings.open(this.#layout.strings, values, KEY_NAMES);
    this.#keyNames = new Set(words.keys());
    let targets = yield* this.#nodesOf(held);
    for (let hops = 0; hops < PASSES && targets.size > 0; hops++) {
      const found = yield* this.#references(targets);
      const texts = yield* this.#textsOf(found);
      const settled = new Set<HeldString>();
      const through: Reference[] = [];
      for (const reference of found) {
        const naming = namingOf(texts(reference), this.#judge);
        if (naming === 'through') through.push(reference);
        else if (naming !== 'nothing')
          for (const value of targets.valuesOf(reference.target)) {
            settled.add(value);
            if (naming !== 'plain') yield { value: extentOf(value), owner: naming, hops };
          }
        yield;
      }
      targets = this.#holders(through, targets, settled);
    }
  }

  /** The nodes of strings. */
  *#nodesOf(held: readonly HeldString[]): Pausing<never, Targets> {
    const { nodes, edges } = this.#layout;
    const byNumber = new Map(held.map((each) => [each.number, each]));
    const found: [node: number, value: HeldString][] = [];
    const most = Math.ceil((edges.end - edges.start) / (2 * edges.width));
    this.#nodes = yield* Nodes.read(this.#reader, nodes, most, (node, type, name) => {
      const value = this.#isString[type] ? byNumber.get(name) : undefined;
      if (value !== undefined) found.push([node, value]);
    });
    const targets = new Targets(this.#nodes.count);
    for (const [node, value] of found) targets.add(node, value);
    return targets;
  }

  *#references(targets: Targets): Pausing<never, Reference[]> {
    const { edges, nodes } = this.#layout;
    const typeOf = (name: string) => edges.types.indexOf(name);
    const facts: EdgeFacts = {
      nodeWidth: nodes.width,
      unnamed: new Set(['element', 'internal', 'hidden'].map(typeOf)),
      property: typeOf('property'),
      keyNames: this.#keyNames,
    };
    const found: Reference[] = [];
    yield* references(this.#reader, edges, this.#nodes, facts, targets.nodes, (reference) => {
      if (found.length < MOST) found.push(reference);
    });
    return found;
  }

  /** Reads the texts of what references name; returns a function that gives them. */
  *#textsOf(found: readonly Reference[]): Pausing<never, (reference: Reference) => NamedReference> {
    const { edges, nodes } = this.#layout;
    const isNamed = edges.types.map((type) => type !== 'element' && type !== 'hidden');
    const keysOf = ({ before, key }: Reference) =>
      [before, key].filter((node) => node >= 0 && this.#isString[this.#nodes.types[node]!]);
    const names = yield* this.#nodes.names(ascending(found.flatMap((each) => [each.owner, ...keysOf(each)])));
    const numbers = found.flatMap(({ type, nameOrIndex, beforeIndex }) =>
      isNamed[type] ? [nameOrIndex, beforeIndex] : [],
    );
    const texts = yield* this.#strings.texts(ascending([...names.values(), ...numbers]));
    const textOf = (node: number) => texts.get(names.get(node) ?? -1);
    const labelOf = (type: number, name: number) => (isNamed[type] ? (texts.get(name) ?? '') : String(name));
    return ({ owner, type, nameOrIndex, before, beforeIndex, key }) => {
      const name = labelOf(type, nameOrIndex);
      const isBeside = Number(labelOf(type, beforeIndex)) === Number(name) - 1;
      return {
        type: edges.types[type] ?? '',
        name,
        holder: { type: nodes.types[this.#nodes.types[owner]!] ?? '', name: textOf(owner) ?? '' },
        before: isBeside ? textOf(before) : undefined,
        key: textOf(key),
      };
    };
  }

  /** What holds values whose names are not known yet. */
  #holders(through: readonly Reference[], targets: Targets, settled: ReadonlySet<HeldString>): Targets {
    const holders = new Targets(this.#nodes.count);
    for (const { target, owner } of through)
      for (const value of targets.valuesOf(target)) if (!settled.has(value)) holders.add(owner, value);
    return holders;
  }
}

/** Values of one holder that are followed. */
const MOST_IN_HOLDER = 4096;

/** Nodes, with the values that each is or holds. */
class Targets {
  readonly nodes: NodeSet;
  readonly #values = new Map<number, Set<HeldString>>();

  constructor(nodeCount: number) {
    this.nodes = new NodeSet(nodeCount);
  }

  get size(): number {
    return this.nodes.size;
  }

  add(node: number, value: HeldString): void {
    this.nodes.add(node);
    const values = this.#values.get(node);
    if (values === undefined) this.#values.set(node, new Set([value]));
    else if (values.size < MOST_IN_HOLDER) values.add(value);
  }

  valuesOf(node: number): Iterable<HeldString> {
    return this.#values.get(node) ?? [];
  }
}

const extentOf = ({ offset, length }: HeldString): Extent => ({ offset, length });

/** Distinct numbers. */
const ascending = (numbers: Iterable<number>): number[] => [...Float64Array.from(new Set(numbers)).sort()];

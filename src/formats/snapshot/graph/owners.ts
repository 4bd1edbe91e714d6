import type { ByteReader } from '../../../base/bytes/storage.js';
import type { Pausing } from '../../../base/runtime/turns.js';
import type { Extent } from '../../../model/report.js';
import type { MayName, Owned, OwnersEnd, RandomRuns } from '../../memory/types.js';
import { type EdgeFacts, NodeSet, type Reference, references } from './edges.js';
import { type GraphLayout, readLayout } from './layout.js';
import { KEY_NAMES, type NamedReference, namingOf } from './naming.js';
import { Nodes } from './nodes.js';
import { type HeldString, StringList } from './strings.js';

/** Passes over all edges: to the value, to a collection of it, to a collection in another. */
const PASSES = 3;
/** References that are kept in one pass. */
const MOST = 2 ** 20;

/** {@link ParsedDump.owners} of a heap snapshot of V8. */
export function* ownersIn(
  reader: ByteReader,
  { offsets }: RandomRuns,
  mayName: MayName,
): Pausing<Owned, OwnersEnd> {
  const layout = yield* readLayout(reader);
  if (layout === undefined) return { left: offsets.length, warnings: [] };
  return yield* new OwnerSearch(reader, layout, mayName).owners(offsets);
}

class OwnerSearch {
  readonly #reader: ByteReader;
  readonly #layout: GraphLayout;
  readonly #mayName: MayName;
  /** References beyond the most that are kept. */
  #left = 0;
  readonly #strings: StringList;
  readonly #isString: readonly boolean[];
  #keyNames: ReadonlySet<number> = new Set();
  #nodes!: Nodes;

  constructor(reader: ByteReader, layout: GraphLayout, mayName: MayName) {
    this.#reader = reader;
    this.#layout = layout;
    this.#mayName = mayName;
    this.#strings = new StringList(reader);
    this.#isString = layout.nodes.types.map((type) => type === 'string');
  }

  *owners(offsets: Float64Array): Pausing<Owned, OwnersEnd> {
    const { held, words } = yield* this.#strings.open(this.#layout.strings, offsets, KEY_NAMES);
    this.#keyNames = new Set(words.keys());
    let targets = yield* this.#nodesOf(held);
    for (let hops = 0; hops < PASSES && targets.size > 0; hops++) {
      const found = yield* this.#references(targets);
      const texts = yield* this.#textsOf(found);
      const settled = new Set<HeldString>();
      const through: Step[] = [];
      for (const reference of found) {
        const naming = namingOf(texts(reference), this.#mayName);
        if (naming === 'part' || naming === 'wrapped') through.push({ ...reference, naming });
        else if (naming !== 'nothing')
          for (const { value, generic } of targets.valuesOf(reference.target)) {
            settled.add(value);
            if (naming !== 'plain')
              yield { value: extentOf(value), form: 'latin1', owner: naming, hops, generic };
          }
        yield;
      }
      targets = this.#holders(through, targets, settled);
    }
    return { left: this.#left, warnings: [] };
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
    for (const [node, value] of found) targets.add(node, value, false);
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
      else this.#left++;
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
  #holders(through: readonly Step[], targets: Targets, settled: ReadonlySet<HeldString>): Targets {
    const holders = new Targets(this.#nodes.count);
    for (const { target, owner, naming } of through)
      for (const { value, generic } of targets.valuesOf(target))
        if (!settled.has(value)) holders.add(owner, value, generic || naming === 'wrapped');
    return holders;
  }
}

/** Values of one holder that are followed. */
const MOST_IN_HOLDER = 4096;

/** A reference by what may have a name itself. */
interface Step extends Reference {
  naming: 'part' | 'wrapped';
}

interface HeldValue {
  value: HeldString;
  /** It is held by a wrapper. */
  generic: boolean;
}

/** Nodes, with the values that each is or holds. */
class Targets {
  readonly nodes: NodeSet;
  readonly #values = new Map<number, HeldValue | HeldValue[]>();

  constructor(nodeCount: number) {
    this.nodes = new NodeSet(nodeCount);
  }

  get size(): number {
    return this.nodes.size;
  }

  add(node: number, value: HeldString, generic: boolean): void {
    this.nodes.add(node);
    const values = this.#values.get(node);
    // Most nodes are, or hold, one value.
    if (values === undefined) this.#values.set(node, { value, generic });
    else if (!Array.isArray(values)) {
      if (values.value === value) values.generic &&= generic;
      else this.#values.set(node, [values, { value, generic }]);
    } else if (values.length < MOST_IN_HOLDER) values.push({ value, generic });
  }

  valuesOf(node: number): readonly HeldValue[] {
    const values = this.#values.get(node) ?? [];
    return Array.isArray(values) ? values : [values];
  }
}

const extentOf = ({ offset, length }: HeldString): Extent => ({ offset, length });

/** Distinct numbers. */
const ascending = (numbers: Iterable<number>): number[] => [...Float64Array.from(new Set(numbers)).sort()];

import type { ByteReader } from '../../../base/bytes/storage.js';
import { Pace, type Pausing } from '../../../base/runtime/turns.js';
import type { Extent } from '../../../model/report.js';
import type { MayName, Owned, OwnersEnd, RandomRuns } from '../../memory/types.js';
import { type EdgeFacts, NodeSet, type Reference, references } from './edges.js';
import { type GraphLayout, readLayout } from './layout.js';
import { KEY_NAMES, type NamedReference, namingOf } from './naming.js';
import { Nodes } from './nodes.js';
import { type HeldString, StringList } from './strings.js';

/** Passes over all edges: to the value, to a collection of it, to a collection in another. */
const PASSES = 3;
/** Owners of one value that are named: the rest says no more. */
const MOST_OWNERS = 8;
/** Values between two pauses. */
const PACE = 4096;
/** References that are looked at in all passes, for each value that they lead to: about 10 us each. */
const MOST = 2 ** 21;

/** {@link ParsedDump.owners} of a heap snapshot of V8. */
export function* ownersIn(reader: ByteReader, runs: RandomRuns, mayName: MayName): Pausing<Owned, OwnersEnd> {
  const layout = yield* readLayout(reader);
  if (layout === undefined) return { left: runs.offsets.length, warnings: [] };
  return yield* new OwnerSearch(reader, layout, mayName).owners(runs);
}

class OwnerSearch {
  readonly #reader: ByteReader;
  readonly #layout: GraphLayout;
  readonly #mayName: MayName;
  /** References that were looked at, and those beyond the most. */
  #kept = 0;
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

  *owners(runs: RandomRuns): Pausing<Owned, OwnersEnd> {
    const { held, words } = yield* this.#strings.open(this.#layout.strings, runs, KEY_NAMES);
    this.#keyNames = new Set(words.keys());
    let targets = yield* this.#nodesOf(held);
    for (let hops = 0; hops < PASSES && targets.size > 0; hops++) {
      const settled = new Set<HeldString>();
      const through = new Steps();
      for (const found of this.#references(targets)) {
        if (found === undefined) {
          yield;
          continue;
        }
        const kept = found.filter(({ target }) => targets.takes(target) && this.#hasRoom(targets, target));
        this.#left += found.length - kept.length;
        const texts = yield* this.#textsOf(kept);
        for (const reference of kept) {
          const naming = namingOf(texts(reference), this.#mayName);
          if (naming === 'part' || naming === 'wrapped' || naming === 'sliced')
            through.add(reference, naming);
          else if (naming !== 'nothing') {
            if (naming !== 'plain') this.#left += targets.takeDropped(reference.target);
            for (const { value, generic } of targets.valuesOf(reference.target)) {
              settled.add(value);
              if (naming !== 'plain' && value.owners++ < MOST_OWNERS)
                yield { value: extentOf(value), form: 'latin1', owner: naming, hops, generic };
            }
          }
          yield;
        }
      }
      targets = yield* this.#holders(through, targets, settled);
    }
    return { left: this.#left, warnings: [] };
  }

  /** False once all passes have found {@link MOST} references, multiplied by the values of their targets. */
  #hasRoom(targets: Targets, target: number): boolean {
    const { length } = targets.valuesOf(target);
    if (this.#kept + length > MOST) return false;
    this.#kept += length;
    return true;
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

  #references(targets: Targets): Pausing<Reference[]> {
    const { edges, nodes } = this.#layout;
    const typeOf = (name: string) => edges.types.indexOf(name);
    const facts: EdgeFacts = {
      nodeWidth: nodes.width,
      unnamed: new Set(['element', 'internal', 'hidden'].map(typeOf)),
      property: typeOf('property'),
      keyNames: this.#keyNames,
    };
    return references(this.#reader, edges, this.#nodes, facts, targets.nodes);
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
  *#holders(
    { targets: from, owners, kinds }: Steps,
    targets: Targets,
    settled: ReadonlySet<HeldString>,
  ): Pausing<never, Targets> {
    const holders = new Targets(this.#nodes.count);
    const pace = new Pace(PACE);
    for (const [i, target] of from.entries()) {
      if (pace.isDue(targets.valuesOf(target).length)) yield;
      holders.drop(owners[i]!, targets.droppedOf(target));
      const kind = kinds[i]!;
      for (const { value, generic } of targets.valuesOf(target)) {
        const held = kind === 'sliced' ? value.slice : value;
        // A value with a name may be part of a longer one.
        if (held && (kind === 'sliced' || !settled.has(held)))
          holders.add(owners[i]!, held, generic || kind !== 'part');
      }
    }
    return holders;
  }
}

/** References by what may have a name itself, in columns: there may be a million. */
class Steps {
  readonly targets: number[] = [];
  readonly owners: number[] = [];
  readonly kinds: ('part' | 'wrapped' | 'sliced')[] = [];

  add({ target, owner }: Reference, kind: 'part' | 'wrapped' | 'sliced'): void {
    this.targets.push(target);
    this.owners.push(owner);
    this.kinds.push(kind);
  }
}

/** Values of one holder that are followed; the others are reported if it has the name of a secret. */
const MOST_IN_HOLDER = 4096;
/** References to one node that are looked at. */
const MOST_TO_NODE = 2 ** 16;

interface HeldValue {
  value: HeldString;
  /** It is held by a wrapper. */
  generic: boolean;
}

/** Nodes, with the values that each is or holds. */
class Targets {
  readonly nodes: NodeSet;
  readonly #all = new Map<number, { values: HeldValue[]; taken: number; dropped: number }>();

  constructor(nodeCount: number) {
    this.nodes = new NodeSet(nodeCount);
  }

  get size(): number {
    return this.nodes.size;
  }

  add(node: number, value: HeldString, generic: boolean): void {
    this.nodes.add(node);
    const known = this.#all.get(node);
    const last = known?.values.at(-1);
    if (known === undefined) this.#all.set(node, { values: [{ value, generic }], taken: 0, dropped: 0 });
    else if (last!.value === value) last!.generic &&= generic;
    else if (known.values.length < MOST_IN_HOLDER) known.values.push({ value, generic });
    else known.dropped++;
  }

  /** Adds values that were not followed to those of a node, if it is one. */
  drop(node: number, count: number): void {
    const known = this.#all.get(node);
    if (known !== undefined) known.dropped += count;
  }

  droppedOf(node: number): number {
    return this.#all.get(node)?.dropped ?? 0;
  }

  /** Values of a node that were not followed; each is counted once. */
  takeDropped(node: number): number {
    const dropped = this.droppedOf(node);
    this.drop(node, -dropped);
    return dropped;
  }

  /** Counts a reference to a node; false if it has too many, and for a place between two nodes. */
  takes(node: number): boolean {
    const known = this.#all.get(node);
    return known !== undefined && known.taken++ < MOST_TO_NODE;
  }

  valuesOf(node: number): readonly HeldValue[] {
    return this.#all.get(node)?.values ?? [];
  }
}

const extentOf = ({ offset, length }: HeldString): Extent => ({ offset, length });

/** Distinct numbers. */
const ascending = (numbers: Iterable<number>): number[] => [...Float64Array.from(new Set(numbers)).sort()];

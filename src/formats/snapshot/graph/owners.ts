import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import { rememberedVerdicts } from '../../memory/remembered-verdicts.js';
import type { MayName, Owned, OwnersEnd, RandomRuns } from '../../memory/types.js';
import type { AscendingSet } from './ascending-set.js';
import { type GraphLayout, type RowTable, readLayout } from './layout.js';
import { KEY_NAMES, namingOf } from './naming.js';
import { Nodes } from './nodes.js';
import { RowCursor } from './numbers.js';
import { ReferenceBatch, ReferenceTexts } from './reference-texts.js';
import { type HeldStrings, StringList } from './strings.js';
import { HolderSteps, Targets } from './targets.js';

/** Passes over all edges: to the value, to a collection of it, to a collection in another. */
const PASSES = 3;
/** Values between two pauses. */
const PACE = 4096;
/** References between two pauses. */
const FEW = 256;
/** References that are looked at in all passes, for each value that they lead to: about 10 us each. */
const MOST = 2 ** 21;

/** {@link ParsedDump.owners} of a heap snapshot of V8. */
export function* ownersIn(reader: ByteReader, runs: RandomRuns, mayName: MayName): Pausing<Owned, OwnersEnd> {
  const layout = yield* readLayout(reader);
  if (layout === undefined) return { left: runs.offsets.length, warnings: [] };
  return yield* new OwnerSearch(reader, layout, rememberedVerdicts(mayName)).owners(runs);
}

class OwnerSearch {
  readonly #reader: ByteReader;
  readonly #layout: GraphLayout;
  readonly #mayName: MayName;
  /** References that were looked at, and those beyond the most. */
  #kept = 0;
  #left = 0;
  readonly #strings: StringList;
  #held!: HeldStrings;
  #keyNames: ReadonlySet<number> = new Set();
  #nodes!: Nodes;

  constructor(reader: ByteReader, layout: GraphLayout, mayName: MayName) {
    this.#reader = reader;
    this.#layout = layout;
    this.#mayName = mayName;
    this.#strings = new StringList(reader);
  }

  *owners(runs: RandomRuns): Pausing<Owned, OwnersEnd> {
    const { held, words } = yield* this.#strings.open(this.#layout.strings, runs, KEY_NAMES);
    this.#held = held;
    this.#keyNames = new Set(words.keys());
    let targets = yield* this.#stringNodes();
    const texts = new ReferenceTexts(this.#layout, this.#nodes, this.#strings, this.#mayName);
    for (let hops = 0; hops < PASSES && targets.size > 0; hops++) {
      /** 1 for each value that has a name, if only a plain one. */
      const settled = new Uint8Array(held.valueCount);
      const through = new HolderSteps();
      for (const batch of this.#references(targets)) {
        if (batch === undefined) yield;
        else yield* this.#nameBatch(batch, { hops, targets, texts, settled, through });
      }
      targets = yield* this.#holders(through, targets, settled);
    }
    return { left: this.#left, warnings: [] };
  }

  *#nameBatch(batch: ReferenceBatch, { hops, targets, texts, settled, through }: OwnerPass): Pausing<Owned> {
    const held = this.#held;
    this.#left += batch.filter((target) => targets.takes(target) && this.#hasRoom(targets, target));
    const referenceAt = yield* texts.read(batch);
    const pace = new Pace(FEW);
    for (let at = 0; at < batch.count; at++) {
      const target = batch.target[at]!;
      const naming = namingOf(referenceAt(at), this.#mayName);
      if (naming === 'part' || naming === 'wrapped' || naming === 'sliced')
        through.add(target, batch.owner[at]!, naming);
      else if (naming !== 'nothing') {
        if (naming !== 'plain') this.#left += targets.takeDropped(target);
        for (const { value, generic } of targets.valuesOf(target)) {
          settled[value] = 1;
          if (naming !== 'plain' && held.takesOwner(value))
            yield { value: held.extentOf(value), form: 'latin1', owner: naming, hops, generic };
        }
      }
      if (pace.isDue(targets.countOf(target))) yield;
    }
  }

  /** False once all passes have found {@link MOST} references, multiplied by the values of their targets. */
  #hasRoom(targets: Targets, target: number): boolean {
    const count = targets.countOf(target);
    if (this.#kept + count > MOST) return false;
    this.#kept += count;
    return true;
  }

  /** The nodes of the strings that are held. */
  *#stringNodes(): Pausing<never, Targets> {
    const { nodes, edges } = this.#layout;
    const held = this.#held;
    const isString = nodes.types.map((type) => type === 'string');
    const most = Math.ceil((edges.end - edges.start) / (2 * edges.width));
    const targets = new Targets();
    this.#nodes = yield* Nodes.read(this.#reader, nodes, most, (node, type, name) => {
      const index = isString[type] ? held.numbers.indexOf(name) : -1;
      if (index >= 0) targets.add(node, held.wholeOf(index), false);
    });
    return targets;
  }

  #references(targets: Targets): Pausing<ReferenceBatch> {
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

  /** What holds values whose names are not known yet. */
  *#holders(through: HolderSteps, targets: Targets, settled: Uint8Array): Pausing<never, Targets> {
    const holders = new Targets();
    const pace = new Pace(PACE);
    for (const { target, holder, kind } of through.all()) {
      if (pace.isDue(targets.countOf(target))) yield;
      for (const { value, generic } of targets.valuesOf(target)) {
        const held = kind === 'sliced' ? this.#held.sliceOf(value) : value;
        // A value with a name may be part of a longer one.
        if (held !== undefined && (kind === 'sliced' || settled[held] !== 1))
          holders.add(holder, held, generic || kind !== 'part');
      }
      holders.addDropped(holder, targets.droppedOf(target));
    }
    return holders;
  }
}

/** What belongs to one pass over the edges. */
interface OwnerPass {
  /** Its number, from 0. */
  hops: number;
  targets: Targets;
  texts: ReferenceTexts;
  settled: Uint8Array;
  through: HolderSteps;
}

const EACH = 4096;
/** References in one batch. */
const BATCH = 2 ** 14;

interface EdgeFacts {
  /** Width of a row of nodes: edges refer to numbers. */
  nodeWidth: number;
  /** Types of edges that have an index in place of a name. */
  unnamed: ReadonlySet<number>;
  property: number;
  /** Numbers of strings that name the key beside a value. */
  keyNames: ReadonlySet<number>;
}

/**
 * Reads all edges, which are in the order of the nodes that own them: each row of a node has their number.
 * Yields the references to nodes of `targets`, always in the same batch. The `key` of an owner whose
 * references are in two batches may be missing from the first.
 */
export function* references(
  reader: ByteReader,
  table: RowTable,
  nodes: Nodes,
  { nodeWidth, unnamed, property, keyNames }: EdgeFacts,
  targets: AscendingSet,
): Pausing<ReferenceBatch> {
  const cursor = new RowCursor(reader, table);
  const { width, fields } = table;
  const [typeAt, nameAt, toAt] = [fields.get('type')!, fields.get('name_or_index')!, fields.get('to_node')!];
  const rows = new Uint32Array(EACH * width);
  const [first, second, third = -1] = keyNames;
  const found = new ReferenceBatch(BATCH + EACH);
  /** References of owners before this one. */
  let finished = 0;
  let owner = -1;
  let left = 0;
  let before = -1;
  let beforeIndex = 0;
  let key = -1;
  const finishOwner = () => {
    for (; finished < found.count; finished++) found.key[finished] = key;
  };
  for (;;) {
    const count = cursor.read(rows);
    for (let i = 0, at = 0; i < count; i++, at += width) {
      if (left === 0) {
        if (finished < found.count) finishOwner();
        before = key = -1;
        beforeIndex = 0;
        do left = nodes.edgesOf(++owner);
        while (left === 0 && owner < nodes.count);
        if (owner >= nodes.count) break;
      }
      left--;
      const type = rows[at + typeAt]!;
      const node = rows[at + toAt]! / nodeWidth;
      const name = rows[at + nameAt]!;
      const target = targets.indexOf(node);
      if (target >= 0) found.push(target, owner, type, name, before, beforeIndex);
      if (type === property) {
        if (name === first || name === second || name === third || keyNames.has(name)) key = node;
      } else if (unnamed.has(type)) [before, beforeIndex] = [node, name];
    }
    const isLast = count < EACH || owner >= nodes.count;
    if (isLast || found.count >= BATCH) {
      finishOwner();
      yield found;
      found.count = finished = 0;
    }
    if (isLast) return;
    yield;
  }
}

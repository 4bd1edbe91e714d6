import type { ByteReader } from '../../../base/bytes/storage.js';
import type { Pausing } from '../../../base/runtime/turns.js';
import type { RowTable } from './layout.js';
import type { Nodes } from './nodes.js';
import { RowCursor } from './numbers.js';

const EACH = 4096;

/** An edge to a target: its owner, and what may name it. */
export interface Reference {
  target: number;
  owner: number;
  /** Type of the edge, as in the snapshot's description. */
  type: number;
  /** Number of the string that names it, or its index. */
  nameOrIndex: number;
  /** The node that the owner refers to just before, by an edge without a name; -1 if there is none. */
  before: number;
  /** {@link nameOrIndex} of that edge. */
  beforeIndex: number;
  /** The node that the owner refers to by a property such as `key` or `name`; -1 if there is none. */
  key: number;
}

export interface EdgeFacts {
  /** Width of a row of nodes: edges refer to numbers. */
  nodeWidth: number;
  /** Types of edges that have an index in place of a name. */
  unnamed: ReadonlySet<number>;
  property: number;
  /** Numbers of strings that name the key beside a value. */
  keyNames: ReadonlySet<number>;
}

/** References in one batch. */
const BATCH = 2 ** 14;

/**
 * Reads all edges, which are in the order of the nodes that own them: each row of a node has their number.
 * Yields the references to nodes of `targets`. The `key` of an owner may be in a later batch.
 */
export function* references(
  reader: ByteReader,
  table: RowTable,
  nodes: Nodes,
  { nodeWidth, unnamed, property, keyNames }: EdgeFacts,
  targets: NodeSet,
): Pausing<Reference[]> {
  const cursor = new RowCursor(reader, table);
  const { width, fields } = table;
  const [typeAt, nameAt, toAt] = [fields.get('type')!, fields.get('name_or_index')!, fields.get('to_node')!];
  const rows = new Uint32Array(EACH * width);
  const [first, second, third = -1] = keyNames;
  let found: Reference[] = [];
  /** References of owners before this one. */
  let finished = 0;
  let owner = -1;
  let left = 0;
  let before = -1;
  let beforeIndex = 0;
  let key = -1;
  const finishOwner = () => {
    for (; finished < found.length; finished++) found[finished]!.key = key;
  };
  for (;;) {
    const count = cursor.read(rows);
    for (let i = 0, at = 0; i < count; i++, at += width) {
      if (left === 0) {
        if (finished < found.length) finishOwner();
        before = key = -1;
        beforeIndex = 0;
        do left = nodes.edgesOf(++owner);
        while (left === 0 && owner < nodes.count);
        if (owner >= nodes.count) break;
      }
      left--;
      const type = rows[at + typeAt]!;
      const target = rows[at + toAt]! / nodeWidth;
      const name = rows[at + nameAt]!;
      if (targets.has(target))
        found.push({ target, owner, type, nameOrIndex: name, before, beforeIndex, key });
      if (type === property) {
        if (name === first || name === second || name === third || keyNames.has(name)) key = target;
      } else if (unnamed.has(type)) [before, beforeIndex] = [target, name];
    }
    const isLast = count < EACH || owner >= nodes.count;
    if (isLast || found.length >= BATCH) {
      finishOwner();
      yield found;
      [found, finished] = [[], 0];
    }
    if (isLast) return;
    yield;
  }
}

/** A set of nodes. */
export class NodeSet {
  readonly #bits: Uint8Array;
  size = 0;

  constructor(count: number) {
    this.#bits = new Uint8Array((count >> 3) + 1);
  }

  /** False for a number that is no node. */
  has(node: number): boolean {
    return ((this.#bits[node >> 3] ?? 0) & (1 << (node & 7))) !== 0;
  }

  add(node: number): void {
    if (this.has(node)) return;
    this.#bits[node >> 3]! |= 1 << (node & 7);
    this.size++;
  }
}

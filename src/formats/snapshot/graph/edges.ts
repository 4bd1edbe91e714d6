import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { AscendingSet } from './ascending-set.js';
import type { RowTable } from './layout.js';
import type { Nodes } from './nodes.js';
import { RowCursor } from './numbers.js';
import { ReferenceBatch } from './reference-batch.js';

const EACH = 4096;
/** References in one batch. */
const BATCH = 2 ** 14;

export interface EdgeFacts {
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

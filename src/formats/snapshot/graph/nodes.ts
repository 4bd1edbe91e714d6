import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { RowTable } from './layout.js';
import { RowCursor } from './numbers.js';

/** Rows between two whose places are kept. */
const EACH = 1024;
/** Bytes of about as many rows. */
const NEAR = 2 ** 15;
/** Numbers of edges from which on they are kept apart. */
const MANY = 255;

/** What {@link Nodes.read} is called with for each node. */
type Visit = (node: number, type: number, name: number) => void;

/** The nodes of a heap snapshot: type and number of edges of each, and where their rows lie. */
export class Nodes {
  readonly count: number;
  readonly types: Uint8Array;
  readonly #edges: Uint8Array;
  readonly #manyEdges = new Map<number, number>();
  /** File offset of each 1,024th row. */
  readonly #places: number[] = [];
  readonly #table: RowTable;
  readonly #reader: ByteReader;
  readonly #mostEdges: number;

  private constructor(reader: ByteReader, table: RowTable, mostEdges: number) {
    this.#mostEdges = mostEdges;
    this.#table = table;
    this.#reader = reader;
    // A number and its comma take two bytes.
    this.count = Math.ceil((table.end - table.start) / (2 * table.width));
    this.types = new Uint8Array(this.count);
    this.#edges = new Uint8Array(this.count);
  }

  /** Reads all nodes. `mostEdges`: how many edges they have together, at most. */
  static *read(reader: ByteReader, table: RowTable, mostEdges: number, visit: Visit): Pausing<never, Nodes> {
    const nodes = new Nodes(reader, table, mostEdges);
    yield* nodes.#readAll(visit);
    return nodes;
  }

  /** Number of edges of a node. */
  edgesOf(node: number): number {
    const count = this.#edges[node] ?? 0;
    return count < MANY ? count : (this.#manyEdges.get(node) ?? 0);
  }

  /** Numbers of the names of nodes. `nodes`: ascending. */
  *names(nodes: Iterable<number>): Pausing<never, Map<number, number>> {
    const names = new Map<number, number>();
    const { width, fields } = this.#table;
    const cursor = new RowCursor(this.#reader, this.#table, NEAR);
    const rows = new Uint32Array(EACH * width);
    let block = -1;
    for (const node of nodes) {
      const at = Math.floor(node / EACH);
      const place = this.#places[at];
      if (place === undefined) continue;
      if (at !== block) {
        cursor.seek(place);
        cursor.read(rows);
        block = at;
        yield;
      }
      names.set(node, rows[(node % EACH) * width + fields.get('name')!]!);
    }
    return names;
  }

  *#readAll(visit: Visit): Pausing<never> {
    const { width, fields, types } = this.#table;
    const [typeAt, nameAt, countAt] = [fields.get('type')!, fields.get('name')!, fields.get('edge_count')!];
    const cursor = new RowCursor(this.#reader, this.#table);
    const rows = new Uint32Array(EACH * width);
    let left = this.#mostEdges;
    for (let first = 0; ; first += EACH) {
      this.#places.push(cursor.offset);
      const count = cursor.read(rows);
      for (let i = 0, at = 0; i < count; i++, at += width) {
        const type = Math.min(rows[at + typeAt]!, types.length);
        // So that a damaged snapshot has no more nodes with many edges than fit in it.
        const edges = Math.min(rows[at + countAt]!, left);
        left -= edges;
        this.types[first + i] = type;
        this.#edges[first + i] = Math.min(edges, MANY);
        if (edges >= MANY) this.#manyEdges.set(first + i, edges);
        visit(first + i, type, rows[at + nameAt]!);
      }
      if (count < EACH) return;
      yield;
    }
  }
}

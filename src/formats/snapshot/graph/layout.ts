import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readBytes } from '../../memory/read.js';

/** Bytes before the first array of rows; V8 writes 1 KiB. */
const MAX_HEAD = 2 ** 16;
/** Bytes between two arrays of rows: a bracket, a comma, a key and a colon. */
const MAX_KEY = 256;
const READ = 2 ** 20;
const CLOSE = ']';

/** An array of numbers, a row of fields for each node or edge. */
export interface RowTable {
  /** File offsets of its first number and of its closing bracket. */
  start: number;
  end: number;
  /** Numbers in a row. */
  width: number;
  /** Place of a field in a row, by its name. */
  fields: ReadonlyMap<string, number>;
  /** Names of the values of the field `type`. */
  types: readonly string[];
}

/** Where the parts of a heap snapshot lie (V8, HeapSnapshotJSONSerializer). */
export interface GraphLayout {
  nodes: RowTable;
  edges: RowTable;
  /** File offset behind the bracket of its list of strings. */
  strings: number;
}

const NODE_FIELDS = ['type', 'name', 'edge_count'];
const EDGE_FIELDS = ['type', 'name_or_index', 'to_node'];

/** Undefined for a snapshot whose head or arrays are not as V8 writes them. Reads all of its numbers. */
export function* readLayout(reader: ByteReader): Generator<undefined, GraphLayout | undefined> {
  const head = Buffer.from(readBytes(reader, 0, Math.min(MAX_HEAD, reader.length))).toString('latin1');
  const found = /,?\s*"nodes"\s*:\s*\[/.exec(head);
  if (found === null) return undefined;
  const meta = metaOf(head.slice(0, found.index));
  if (meta === undefined) return undefined;
  const nodes = found.index + found[0].length;
  const nodesEnd = yield* find(reader, nodes, CLOSE);
  const edges = behind(reader, nodesEnd, /^\]\s*,\s*"edges"\s*:\s*\[/);
  if (edges === undefined) return undefined;
  const edgesEnd = yield* find(reader, edges, CLOSE);
  // Between them are arrays of numbers alone.
  const name = yield* find(reader, edgesEnd, '"strings"');
  const strings = behind(reader, name, /^"strings"\s*:\s*\[/);
  const tables = [
    tableOf(nodes, nodesEnd, meta.get('node_fields'), meta.get('node_types'), NODE_FIELDS),
    tableOf(edges, edgesEnd, meta.get('edge_fields'), meta.get('edge_types'), EDGE_FIELDS),
  ];
  const [nodeTable, edgeTable] = tables;
  return nodeTable && edgeTable && strings !== undefined
    ? { nodes: nodeTable, edges: edgeTable, strings }
    : undefined;
}

/** The description of rows, from the text before the first array. */
function metaOf(head: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const { snapshot } = JSON.parse(`${head}}`) as { snapshot?: { meta?: unknown } };
    const meta = snapshot?.meta;
    return typeof meta === 'object' && meta !== null ? new Map(Object.entries(meta)) : undefined;
  } catch {
    return undefined;
  }
}

function tableOf(
  start: number,
  end: number,
  names: unknown,
  types: unknown,
  needed: readonly string[],
): RowTable | undefined {
  if (!isStrings(names) || !Array.isArray(types) || !isStrings(types[names.indexOf('type')]))
    return undefined;
  const fields = new Map(names.map((name, i) => [name, i]));
  if (needed.some((name) => !fields.has(name))) return undefined;
  return { start, end, width: names.length, fields, types: types[names.indexOf('type')] as string[] };
}

/** Fields, or types, that a description may list. */
const MOST_NAMES = 64;

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MOST_NAMES &&
  value.every((each) => typeof each === 'string');

/** The offset of `text` from `from` on; the length of the file if it is not there. */
function* find(reader: ByteReader, from: number, text: string): Generator<undefined, number> {
  const buffer = Buffer.allocUnsafe(READ);
  for (let at = from; at < reader.length; at += READ - text.length + 1) {
    const read = reader.read(at, buffer.subarray(0, Math.min(READ, reader.length - at)));
    const found = buffer.subarray(0, read).indexOf(text, 0, 'latin1');
    if (found >= 0) return at + found;
    if (read < text.length) break;
    yield;
  }
  return reader.length;
}

/** The offset behind a key that the text at `at` must match. */
function behind(reader: ByteReader, at: number, key: RegExp): number | undefined {
  const length = Math.max(0, Math.min(MAX_KEY, reader.length - at));
  const found = key.exec(Buffer.from(readBytes(reader, at, length)).toString('latin1'));
  return found === null ? undefined : at + found[0].length;
}

/** Rows of one array of numbers: how long they are, and which number is a type and which a name. */
export interface Rows {
  width: number;
  /** Position of the type in a row; -1 if rows have none. */
  type: number;
  /** Positions of numbers of strings. */
  names: readonly number[];
  /** By type: true if its strings are names. Without a type all are. */
  isNamed: readonly boolean[];
}

/** What the head of a snapshot says of it. */
export interface SnapshotMeta {
  nodes: Rows;
  edges: Rows;
  functions: Rows;
  nodeCount: number;
  edgeCount: number;
}

/**
 * Types of nodes whose name is that of a class, a function, a file or a part of V8. Those of other nodes are
 * values: of strings, numbers, regular expressions and symbols.
 */
const NAMED_NODES: ReadonlySet<unknown> = new Set([
  ...['hidden', 'array', 'object', 'code', 'closure', 'native', 'synthetic', 'object shape', 'wasm object'],
]);

/** Types of edges that have a name; others have an index. */
const NAMED_EDGES: ReadonlySet<unknown> = new Set(['context', 'property', 'internal', 'shortcut', 'weak']);

/** A name of a field or type: words of letters. */
const WORDS = /^[A-Za-z_]{1,40}( [A-Za-z_]{1,40}){0,4}$/;

const DEEPEST = 4;

type Fields = Readonly<Record<string, unknown>>;

/** Reads the value of "snapshot"; undefined if it has more than counts and names of fields and types. */
export function readMeta(text: string): SnapshotMeta | undefined {
  const head = parsed(text);
  if (!isFields(head) || !isFields(head.meta)) return undefined;
  const { meta, node_count: nodeCount, edge_count: edgeCount, ...others } = head;
  if (typeof nodeCount !== 'number' || typeof edgeCount !== 'number') return undefined;
  const isPlain = (value: unknown) => typeof value === 'number';
  if (!Object.values(others).every(isPlain) || !isVocabulary(meta)) return undefined;
  const nodes = rowsOf(meta, 'node', NAMED_NODES, ['name']);
  const edges = rowsOf(meta, 'edge', NAMED_EDGES, ['name_or_index']);
  const functions = rowsOf(meta, 'trace_function_info', undefined, ['name', 'script_name']);
  if (nodes === undefined || edges === undefined) return undefined;
  return { nodes, edges, functions: functions ?? NONE, nodeCount, edgeCount };
}

const NONE: Rows = { width: 1, type: -1, names: [], isNamed: [] };

/** JSON exactly as V8 writes it: of a member given twice a parser sees only one. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True if all keys and strings are words, and nothing is deeper than V8 writes it: lists of lists. */
function isVocabulary(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return WORDS.test(value);
  if (depth > DEEPEST) return false;
  const isPart = (each: unknown): boolean => isVocabulary(each, depth + 1);
  if (Array.isArray(value)) return value.every(isPart);
  return isFields(value) && Object.entries(value).every(([key, each]) => WORDS.test(key) && isPart(each));
}

function rowsOf(
  meta: Fields,
  kind: string,
  named: ReadonlySet<unknown> | undefined,
  names: readonly string[],
): Rows | undefined {
  const fields = meta[`${kind}_fields`];
  if (!Array.isArray(fields)) return undefined;
  const at = names.map((name) => fields.indexOf(name));
  const type = named === undefined ? -1 : fields.indexOf('type');
  const all: unknown = meta[`${kind}_types`];
  const types: unknown = Array.isArray(all) ? all[type] : undefined;
  if (at.includes(-1) || (named !== undefined && (type < 0 || !Array.isArray(types)))) return undefined;
  const isNamed = Array.isArray(types) ? types.map((each) => named?.has(each) === true) : [];
  return { width: fields.length, type, names: at, isNamed };
}

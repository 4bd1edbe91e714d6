/** A graph as V8 writes it: each type and name once. */
export interface SnapshotSpec {
  nodes: { type: string; name: string }[];
  /** `name`: of a named edge; edges of elements have an index. `owner`, `to`: nodes, by default the first. */
  edges: { type: string; name?: string; index?: number; owner?: number; to?: number }[];
  functions?: { name: string; script: string }[];
  /** Strings that nothing refers to. */
  others?: string[];
}

const NODE_TYPES = [
  ...['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native', 'synthetic'],
  ...['concatenated string', 'sliced string', 'symbol', 'bigint', 'object shape', 'wasm object'],
];
const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'];

const SNAPSHOT_META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
  node_types: [NODE_TYPES, 'string', 'number', 'number', 'number', 'number', 'number'],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [EDGE_TYPES, 'string_or_number', 'node'],
  trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
  trace_node_fields: ['id', 'function_info_index', 'count', 'size', 'children'],
  sample_fields: ['timestamp_us', 'last_assigned_id'],
  location_fields: ['object_index', 'script_id', 'line', 'column'],
};

/** Writes a heap snapshot. `texts`: what becomes of the JSON text of each string, its quotes left out. */
export function buildSnapshot(
  { nodes, edges, functions = [], others = [] }: SnapshotSpec,
  texts: (text: string, original: string) => string = (text) => text,
): string {
  const strings = new Map<string, number>();
  const number = (text: string) => strings.get(text) ?? strings.set(text, strings.size).size - 1;
  number('<dummy>');
  const row = (each: readonly number[]) => each.join(',');
  const byOwner = new Map<number, typeof edges>();
  for (const edge of edges) {
    const own = byOwner.get(edge.owner ?? 0) ?? [];
    own.push(edge);
    byOwner.set(edge.owner ?? 0, own);
  }
  const edgesOf = (node: number) => byOwner.get(node) ?? [];
  const nodeRows = nodes.map(({ type, name }, id) =>
    row([NODE_TYPES.indexOf(type), number(name), 2 * id + 1, 16, edgesOf(id).length, 0, 0]),
  );
  const edgeRows = nodes
    .flatMap((_, node) => edgesOf(node))
    .map(({ type, name, index = 0, to = 0 }) =>
      row([
        EDGE_TYPES.indexOf(type),
        name === undefined ? index : number(name),
        to * SNAPSHOT_META.node_fields.length,
      ]),
    );
  const infos = functions.map(({ name, script }, id) => row([id, number(name), number(script), 1, 2, 3]));
  for (const each of others) number(each);
  const head = {
    meta: SNAPSHOT_META,
    node_count: nodes.length,
    edge_count: edges.length,
    trace_function_count: functions.length,
  };
  const list = [...strings.keys()].map((text) => `"${texts(JSON.stringify(text).slice(1, -1), text)}"`);
  return [
    `{"snapshot":${JSON.stringify(head)}`,
    `"nodes":[${nodeRows.join('\n,')}]`,
    `"edges":[${edgeRows.join('\n,')}]`,
    `"trace_function_infos":[${infos.join('\n,')}]`,
    '"trace_tree":[1,0,0,0,[2,1,3,4,[]]]',
    '"samples":[]',
    '"locations":[0,1,2,3]',
    `"strings":[${list.join(',\n')}]}`,
  ].join(',\n');
}

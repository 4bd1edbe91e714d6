/**
 * Writes a heap snapshot of V8 of any size, row by row:
 *
 *   node dist/bench/graph/write-snapshot.js FILE [--objects 1500000] [--texts 300000] [--secrets 10]
 *
 * An object has four nodes and nine edges: 280 bytes of the file. `texts`: strings that look random, of a
 * property with a plain name; `secrets`: those of a property `jwtSecret`.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    objects: { type: 'string', default: '1500000' },
    texts: { type: 'string', default: '300000' },
    secrets: { type: 'string', default: '10' },
  },
});
const [file] = positionals;
if (file === undefined) throw new Error('the name of a file is missing');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const NODE_FIELDS = ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'];
const EDGE_FIELDS = ['type', 'name_or_index', 'to_node'];
const NODE = { hidden: 0, array: 1, string: 2, object: 3 } as const;
const EDGE = { context: 0, element: 1, property: 2, internal: 3 } as const;
/** Strings before those of objects; the rest are numbered from there on. */
const WORDS = ['', 'Order', 'reference', 'lines', 'next', 'jwtSecret', 'map', 'system / Map', '(array)'];
const FRONT = 1;
const NODES_EACH = 4;
const EDGES_EACH = 9;
const PART = 2 ** 20;

const objects = Number(options.objects);
const fd = openSync(file, 'w');
let parts = '';

function write(text: string): void {
  parts += text;
  if (parts.length < PART) return;
  writeSync(fd, parts);
  parts = '';
}

let seed = 0x2545f491;
function random(below: number): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % below;
}

/** True if one of `count` objects, at equal distances, is this one. */
const isOneOf = (count: number, index: number) =>
  Math.floor((index * count) / objects) !== Math.floor(((index + 1) * count) / objects);
const isSecret = (index: number) => isOneOf(Number(options.secrets), index);
const isRandom = (index: number) => isSecret(index) || isOneOf(Number(options.texts), index);

const meta = {
  node_fields: NODE_FIELDS,
  node_types: [Object.keys(NODE), 'string', 'number', 'number', 'number', 'number', 'number'],
  edge_fields: EDGE_FIELDS,
  edge_types: [Object.keys(EDGE), 'string_or_number', 'node'],
};
const nodeCount = FRONT + NODES_EACH * objects;
const counts = { node_count: nodeCount, edge_count: EDGES_EACH * objects, trace_function_count: 0 };
write(`{"snapshot":${JSON.stringify({ meta, ...counts })},\n"nodes":[0,0,1,0,0,0,0\n`);
for (let index = 0; index < objects; index++) {
  const id = 3 + 8 * index;
  write(`,${NODE.object},1,${id},56,5,0,0\n,${NODE.string},${WORDS.length + index},${id + 2},40,0,0,0\n`);
  write(`,${NODE.array},8,${id + 4},64,4,0,0\n,${NODE.hidden},7,${id + 6},32,0,0,0\n`);
}
write('],\n"edges":[');
const width = NODE_FIELDS.length;
for (let index = 0; index < objects; index++) {
  const first = width * (FRONT + NODES_EACH * index);
  const next = width * (FRONT + NODES_EACH * ((index + 1) % objects));
  const [text, lines, map] = [first + width, first + 2 * width, first + 3 * width];
  write(`${index === 0 ? '' : ','}${EDGE.property},${isSecret(index) ? 5 : 2},${text}\n`);
  write(`,${EDGE.property},3,${lines}\n,${EDGE.property},4,${next}\n`);
  write(`,${EDGE.internal},6,${map}\n,${EDGE.element},0,${lines}\n`);
  for (let i = 0; i < 4; i++) write(`,${EDGE.element},${i},${i % 2 === 0 ? next : map}\n`);
}
write('],\n"trace_function_infos":[],\n"trace_tree":[],\n"samples":[],\n"locations":[],\n"strings":[');
write(WORDS.map((word) => JSON.stringify(word)).join(',\n'));
for (let index = 0; index < objects; index++) {
  let text = `order number ${index}`;
  if (isRandom(index)) text = Array.from({ length: 28 }, () => ALPHABET[random(ALPHABET.length)]).join('');
  write(`,\n"${text}"`);
}
write(']}');
writeSync(fd, parts);
closeSync(fd);

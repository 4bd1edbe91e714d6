import { buildElfCore, ntFile } from './build-elf.js';

/** Records of runtimes that hold a name beside a value, written as their headers define them. */

export const VALUE = 'q6zSVKIYXGfjZ0Jo6ztqND_x';
export const NAME = 'db.secret';
const KIND = { bits: 64, endian: 'le' } as const;
export const BASE = 0x7f10_0000_0000n;

/** Writes objects into the memory of a heap, each at a multiple of 16. */
export class Heap {
  readonly bytes = Buffer.alloc(16_384);
  constructor(readonly base = BASE) {}

  #next = 256;

  /** Writes parts one after the other: numbers are words of 64 bits. Returns the address. */
  put(...parts: (number | bigint | string | Buffer)[]): bigint {
    const at = this.#next;
    let end = at;
    for (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
      if (Buffer.isBuffer(bytes)) end += bytes.copy(this.bytes, end);
      else end = this.bytes.writeBigUInt64LE(BigInt(bytes as number | bigint), end);
    }
    this.#next = (end + 47) & ~15;
    return this.base + BigInt(at);
  }
}

const u32 = (...words: number[]): Buffer => Buffer.from(Uint32Array.from(words).buffer);

type Write = (heap: Heap, text: string) => bigint;
type WritePair = (heap: Heap, name: string, value: string) => void;

const pythonStr: Write = (heap, text) => heap.put(1, 0x5500n, text.length, -1n & 0xffffn, 0xe4, `${text}\0`);
/** Before 3.12: with wstr; what was there before is left in the padding. */
const oldPythonStr: Write = (heap, text) =>
  heap.put(1, 0x5500n, text.length, 7, 0x4141_4141_0000_00e4n, 0x4242_4242_4242_4242n, `${text}\0`);
const pythonBytes: Write = (heap, text) => heap.put(1, 0x5500n, text.length, 7, `${text}\0`);
const phpString: Write = (heap, text) => heap.put(1, 7, text.length, `${text}\0`);
const rubyEmbedded: Write = (heap, text) => heap.put(0x05, 0x5500n, text.length, `${text}\0`);
const rubyHeap: Write = (heap, text) => {
  const start = heap.put(`${text}\0`);
  return heap.put(0x2005, 0x5500n, text.length, start, text.length);
};
const cText: Write = (heap, text) => heap.put(`${text}\0`);
/** sdshdr8: length, allocated, flags. */
const sds: Write = (heap, text) => {
  const length = text.length;
  return heap.put(Buffer.from([0, 0, 0, 0, 0, length, length, 1]), `${text}\0`) + 8n;
};
const robj: Write = (heap, text) => heap.put(u32(0, 1), sds(heap, text));
const v8String: Write = (heap, text) => heap.put(0x1234, u32(7, text.length), text) + 1n;
/** Another map: internalized. */
const v8Name: Write = (heap, text) => heap.put(0x1238, u32(7, text.length), text) + 1n;

/** An entry of a listpack: its length, its text, and the size of both. */
const packed = (text: string): Buffer =>
  Buffer.concat([Buffer.of(0x80 | text.length), Buffer.from(text), Buffer.of(text.length + 1)]);

const listpack: WritePair = (heap, name, value) => {
  const entries = Buffer.concat([packed('region'), Buffer.of(7, 1), packed(name), packed(value)]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(head.length + entries.length + 1);
  head.writeUInt16LE(4, 4);
  heap.put(Buffer.concat([head, entries, Buffer.of(0xff)]));
};

const pair =
  (...words: (bigint | number)[]) =>
  (heap: Heap) =>
    heap.put(...words);

export interface Row {
  /** Address of the heap. */
  base?: bigint;
  module?: string;
  write: WritePair;
  of: string;
  hops?: number;
}

const PYTHON = '/usr/bin/python3.13';

export const ROWS: Readonly<Record<string, Row>> = {
  'a dict of CPython 3.12': {
    module: PYTHON,
    write: (heap, name, value) => pair(pythonStr(heap, name), pythonStr(heap, value))(heap),
    of: 'dict',
  },
  'a dict of CPython 3.11': {
    module: '/usr/lib/libpython3.11.so.1.0',
    write: (heap, name, value) => pair(99, oldPythonStr(heap, name), oldPythonStr(heap, value))(heap),
    of: 'dict',
  },
  'a dict with a value of bytes': {
    module: PYTHON,
    write: (heap, name, value) => pair(pythonStr(heap, name), pythonBytes(heap, value))(heap),
    of: 'dict',
  },
  'a dict with a key of bytes': {
    module: PYTHON,
    write: (heap, name, value) => pair(pythonBytes(heap, name), pythonBytes(heap, value))(heap),
    of: 'dict',
  },
  'a bucket of PHP': {
    module: '/usr/bin/php8.4',
    write: (heap, name, value) => pair(phpString(heap, value), 6, 99, phpString(heap, name))(heap),
    of: 'array',
  },
  'a packed array of PHP': {
    module: '/usr/lib/apache2/modules/libphp8.4.so',
    write: (heap, name, value) => pair(phpString(heap, name), 6, phpString(heap, value), 6)(heap),
    of: 'array',
  },
  'a Hash of Ruby': {
    module: '/usr/bin/ruby3.3',
    write: (heap, name, value) => pair(rubyEmbedded(heap, name), rubyEmbedded(heap, value))(heap),
    of: 'Hash',
  },
  'a Hash of Ruby, its texts outside of their objects': {
    module: '/usr/lib/x86_64-linux-gnu/libruby-3.3.so.3.3',
    write: (heap, name, value) => pair(rubyHeap(heap, name), rubyHeap(heap, value))(heap),
    of: 'Hash',
    hops: 1,
  },
  'a dict of Redis': {
    module: '/usr/bin/redis-server',
    write: (heap, name, value) => pair(sds(heap, name), sds(heap, value))(heap),
    of: 'dict',
  },
  'a key of Redis': {
    module: '/usr/bin/valkey-server',
    write: (heap, name, value) => pair(sds(heap, name), robj(heap, value))(heap),
    of: 'dict',
    hops: 1,
  },
  'a small hash of Redis': { module: '/usr/bin/redis-server', write: listpack, of: 'hash' },
  'a Map of V8': {
    module: '/usr/bin/node',
    write: (heap, name, value) => pair(v8Name(heap, name), v8String(heap, value))(heap),
    of: 'Map',
  },
  'a std::map': {
    write: (heap, name, value) => {
      const [first, second] = [cText(heap, name), cText(heap, value)];
      pair(first, name.length, 0, 0, second, value.length, 0, 0)(heap);
    },
    of: 'std::map',
  },
  'a map of Go': {
    base: 0xc0_0000_0000n,
    write: (heap, name, value) => {
      const [first, second] = [cText(heap, name), cText(heap, value)];
      pair(first, name.length, second, value.length)(heap);
    },
    of: 'map',
  },
  'a map of Go with an interface': {
    base: 0xc0_0000_0000n,
    write: (heap, name, value) => {
      const header = heap.put(cText(heap, value), value.length);
      pair(cText(heap, name), name.length, 0x5500n, header)(heap);
    },
    of: 'map',
    hops: 1,
  },
  'a struct of C': {
    write: (heap, name, value) => pair(cText(heap, name), cText(heap, value))(heap),
    of: '',
  },
};

/** A core with a heap that `write` fills. */
export function coreWith({ module = '/usr/bin/server' }: Pick<Row, 'module'>, heap: Heap): Buffer {
  const mapping = { start: 0x40_0000n, end: 0x40_1000n, offset: 0, path: module };
  const code = { vaddr: mapping.start, bytes: Buffer.alloc(4096), flags: 5 };
  return buildElfCore({
    notes: [ntFile(KIND, 4096, [mapping])],
    segments: [code, { vaddr: heap.base, bytes: heap.bytes }],
  }).bytes;
}

/**
 * Writes a heap dump of any size, in the order of identifiers as HotSpot does, block by block:
 *
 *   node dist/bench/graph/write-heap.js FILE [--objects 14000000] [--texts 960000] [--secrets 10] [--keys]
 *
 * `texts`: Strings that look random and have plain names; `secrets`: those that a field `jwtSecret` holds.
 * `keys`: a class of the rules, SecretKeySpec, is loaded, without an object. The mix of objects is that of an
 * application: 50 bytes of the file for each.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    objects: { type: 'string', default: '14000000' },
    texts: { type: 'string', default: '960000' },
    secrets: { type: 'string', default: '10' },
    keys: { type: 'boolean', default: false },
  },
});
const [file] = positionals;
if (file === undefined) throw new Error('the name of a file is missing');

const BLOCK = 2 ** 20;
/** Objects that {@link writeGroup} writes together. */
const GROUP = 10;
const FILLERS = { names: 100_000, classes: 900 };
/** Room of the array in a group. */
const LINES = 15;
/** Bytes of memory from one object to the next. */
const ALIGNED = 24;
const TYPE = { object: 2, byte: 8, int: 10, long: 11 } as const;
const SIZE: Readonly<Record<number, number>> = { 2: 8, 8: 1, 10: 4, 11: 8 };
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const fd = openSync(file, 'w');
const block = Buffer.alloc(BLOCK);
let at = 0;

function flush(): void {
  writeSync(fd, block, 0, at);
  at = 0;
}

const u1 = (value: number) => {
  block[at++] = value;
};
const u4 = (value: number) => {
  at = block.writeUInt32BE(value, at);
};
/** Identifiers of fewer than 48 bits. */
const id = (value: number) => {
  u4(Math.floor(value / 2 ** 32));
  u4(value >>> 0);
};
const text = (value: string) => {
  at += block.write(value, at, 'latin1');
};

/** Names and classes have identifiers below those of objects. */
let nextLow = 0x10000;
const newId = () => {
  nextLow += 8;
  return nextLow;
};

function nameOf(value: string): number {
  if (at > BLOCK - 1024) flush();
  const own = newId();
  u1(0x01);
  u4(0);
  u4(8 + value.length);
  id(own);
  text(value);
  return own;
}

interface ClassShape {
  id: number;
  superclass: number;
  fields: (readonly [name: number, type: number])[];
}

const classes: ClassShape[] = [];

function classOf(name: string, fields: Readonly<Record<string, number>> = {}): number {
  const nameId = nameOf(name.replaceAll('.', '/'));
  const own = newId();
  const columns = Object.entries(fields).map(([field, type]) => [nameOf(field), type] as const);
  u1(0x02);
  u4(0);
  u4(24);
  u4(classes.length + 1);
  id(own);
  u4(0);
  id(nameId);
  classes.push({ id: own, superclass: classes[0]?.id ?? 0, fields: columns });
  return own;
}

function classDump({ id: own, superclass, fields }: ClassShape): void {
  u1(0x20);
  id(own);
  u4(0);
  id(superclass);
  for (let i = 0; i < 5; i++) id(0);
  u4(fields.reduce((sum, [, type]) => sum + SIZE[type]!, 0));
  u4(0);
  at = block.writeUInt16BE(fields.length, at);
  for (const [name, type] of fields) {
    id(name);
    u1(type);
  }
}

text('JAVA PROFILE 1.0.2\0');
u4(8);
id(1_700_000_000_000);
for (let i = 0; i < FILLERS.names; i++) nameOf(`name${i}Of${i % 977}`);
const { object, byte, int, long } = TYPE;
classOf('java.lang.Object');
const STRING = classOf('java.lang.String', { value: object, hash: int, coder: byte });
const NODE = classOf('java.util.HashMap$Node', { hash: int, key: object, value: object, next: object });
const INTEGER = classOf('java.lang.Integer', { value: int });
const LONG = classOf('java.lang.Long', { value: long });
const ARRAY = classOf('[Ljava.lang.Object;');
const ORDER = classOf('com.acme.Order', { number: long, reference: object, lines: object, total: int });
const CONFIG = classOf('com.acme.AuthConfig', { jwtSecret: object, number: int });
if (options.keys) classOf('javax.crypto.spec.SecretKeySpec', { key: object, algorithm: object });
for (let i = 0; i < FILLERS.classes; i++)
  classOf(`com.acme.Filler${i}`, { first: object, second: object, third: int });
flush();

/** Begins a segment, whose length {@link endSegment} enters. */
function segment(): void {
  u1(0x1c);
  u4(0);
  u4(0);
}

function endSegment(): void {
  block.writeUInt32BE(at - 9, 5);
  flush();
}

let seed = 0x2545f491;
function random(below: number): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) % below;
}

const head = (tag: number, own: number) => {
  u1(tag);
  id(own);
  u4(1);
};

function instance(own: number, classId: number, size: number): void {
  head(0x21, own);
  id(classId);
  u4(size);
}

/** An order: its reference, its lines in an array and two nodes of a map; from `first` on. */
function writeGroup(first: number, index: number, isRandom: boolean, isSecret: boolean): void {
  const own = (place: number) => first + place * ALIGNED;
  if (isSecret) {
    instance(own(0), CONFIG, 12);
    id(own(1));
    u4(index);
  } else {
    instance(own(0), ORDER, 28);
    id(index);
    id(own(1));
    id(own(3));
    u4(index);
  }
  instance(own(1), STRING, 13);
  id(own(2));
  u4(0);
  u1(0);
  head(0x23, own(2));
  const length = isRandom || isSecret ? 28 : 13;
  u4(length);
  u1(byte);
  if (length === 28) for (let i = 0; i < length; i++) u1(ALPHABET.charCodeAt(random(ALPHABET.length)));
  else text(`order${String(index).padStart(8, '0')}`);
  head(0x22, own(3));
  u4(LINES);
  id(ARRAY);
  for (let i = 0; i < LINES; i++) id(i < 6 ? own(4 + i) : 0);
  for (let i = 4; i < 6; i++) {
    instance(own(i), NODE, 28);
    u4(index);
    id(own(6));
    id(own(8));
    id(0);
  }
  for (let i = 6; i < 8; i++) {
    instance(own(i), INTEGER, 4);
    u4(i);
  }
  for (let i = 8; i < 10; i++) {
    instance(own(i), LONG, 8);
    id(index);
  }
}

segment();
for (const each of classes) classDump(each);
endSegment();
const groups = Math.ceil(Number(options.objects) / GROUP);
/** True if one of `count` groups, at equal distances, is this one. */
const isOneOf = (count: number, index: number) =>
  Math.floor((index * count) / groups) !== Math.floor(((index + 1) * count) / groups);
segment();
for (let index = 0; index < groups; index++) {
  if (at > BLOCK - 1024) {
    endSegment();
    segment();
  }
  const first = 0x6_8000_0000 + index * GROUP * ALIGNED;
  writeGroup(first, index, isOneOf(Number(options.texts), index), isOneOf(Number(options.secrets), index));
}
endSegment();
u1(0x2c);
u4(0);
u4(0);
flush();
closeSync(fd);

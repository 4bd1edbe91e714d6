import { SeededRandom } from '../../fixtures/random.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { buildSnapshot } from '../formats/build-snapshot.js';

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
/** Types of a heap dump (hprof_b_spec.h). */
const TYPE = { reference: 2, byte: 8 } as const;

/** A secret that its owner names, or one whose name is beside it. */
interface PlantedSecret {
  value: string;
  /** Offset behind it in the file. */
  end: number;
  isOwned: boolean;
}

export interface OwnedDump {
  name: string;
  bytes: Buffer;
  planted: PlantedSecret[];
}

/** Values in turn: one of a field or property, one in a text with its name. */
function secrets(count: number): { value: string; text: string; isOwned: boolean }[] {
  const random = new SeededRandom('owned dumps');
  return Array.from({ length: count }, (_, i) => {
    const value = random.text(30, ALPHABET);
    const isOwned = i % 2 === 0;
    return { value, text: isOwned ? value : `jwt_secret=${value} `, isOwned };
  });
}

const plantedIn = (bytes: Buffer, all: readonly { value: string; isOwned: boolean }[]): PlantedSecret[] =>
  all.map(({ value, isOwned }) => ({ value, end: bytes.indexOf(value) + value.length, isOwned }));

/** A heap snapshot of V8. `padding`: bytes of a further string. */
export function ownedSnapshot(count: number, padding = 0): OwnedDump {
  const all = secrets(count);
  // Names of properties are strings of the heap, too: as V8 writes them, before the values.
  const names = ['jwtSecret', 'line'];
  const json = buildSnapshot({
    nodes: [
      ...all.map(() => ({ type: 'object', name: 'Config' })),
      ...names.map((name) => ({ type: 'string', name })),
      ...all.map(({ text }) => ({ type: 'string', name: text })),
    ],
    edges: all.map(({ isOwned }, index) => ({
      ...{ owner: index, type: 'property', to: all.length + names.length + index },
      name: isOwned ? 'jwtSecret' : 'line',
    })),
    others: ['.'.repeat(padding)],
  });
  const bytes = Buffer.from(json);
  return { name: 'heap.heapsnapshot', bytes, planted: plantedIn(bytes, all) };
}

/**
 * A heap dump of Java. `padding`: bytes of further arrays. `damage`: bytes that no object begins with, behind
 * half of the secrets; another part of the heap has the others.
 */
export function ownedHeap(count: number, padding = 0, damage?: Buffer): OwnedDump {
  const all = secrets(count);
  const builder = new HprofBuilder();
  const classes = {
    'java.lang.String': { id: 0x100, fields: { value: TYPE.reference } },
    Config: { id: 0x108, fields: { jwtSecret: TYPE.reference } },
    Note: { id: 0x110, fields: { line: TYPE.reference } },
  };
  for (const [name, { id, fields }] of Object.entries(classes)) {
    builder.loadClass({ id, name: name.replaceAll('.', '/') });
    builder.classDump({ id, name, fields });
  }
  const each = Math.floor(padding / all.length);
  for (const [index, { text, isOwned }] of all.entries()) {
    if (damage && index === all.length >> 1) {
      builder.sub(damage);
      builder.heap();
    }
    const id = 0x1000 + 0x40 * index;
    builder.instance(id, classes[isOwned ? 'Config' : 'Note'].id, builder.id(id + 8));
    builder.instance(id + 8, 0x100, builder.id(id + 0x10));
    builder.primitiveArray(id + 0x10, TYPE.byte, Buffer.from(text));
    if (each > 0) builder.primitiveArray(id + 0x18, TYPE.byte, Buffer.alloc(each));
  }
  builder.heap();
  builder.record(0x2c, Buffer.alloc(0));
  const bytes = builder.done();
  return { name: 'heap.hprof', bytes, planted: plantedIn(bytes, all) };
}

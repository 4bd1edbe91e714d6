import { afterAll, describe, expect, test } from '@jest/globals';
import { bufferReader, memoryStorage } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { HeldObject, Owned, OwnersEnd, RandomRuns, Threads } from '../../src/formats/memory/types.js';
import { PausingTasks } from '../../src/sweep/pausing-tasks.js';
import { SweepPool } from '../../src/sweep/pool.js';
import { HprofBuilder } from './build-hprof.js';

const REFERENCE = 2;
const BYTE = 8;
/** Bytes of the index of objects, below which no task is. */
const BLOCK = 256 * 1024;
const HOLDERS = 40;

const secretOf = (index: number): string => `Zk3Qp9Xw7Lm2Vt8Rb5Nc1Yd6Hs4J${String(index).padStart(4, '0')}`;

/** Strings, each in a field behind 64 KiB of zeros; all fields of another class have the same one. */
function heap(): Buffer {
  const builder = new HprofBuilder();
  const classes = {
    'java.lang.String': { id: 0x100, fields: { value: REFERENCE } },
    'p.Config': { id: 0x108, fields: { jwtSecret: REFERENCE } },
    'p.Shared': { id: 0x110, fields: { apiSecret: REFERENCE } },
  };
  for (const [name, { id, fields }] of Object.entries(classes)) {
    builder.loadClass({ id, name: name.replaceAll('.', '/') });
    builder.classDump({ id, name, fields });
  }
  const stringOf = (id: number, text: string): number => {
    builder.instance(id, 0x100, builder.id(id + 8));
    builder.primitiveArray(id + 8, BYTE, Buffer.from(text));
    return id;
  };
  const shared = stringOf(0x1000, secretOf(HOLDERS));
  for (let index = 0; index < HOLDERS; index++) {
    const id = 0x2000 + 0x100 * index;
    builder.instance(id, 0x108, builder.id(stringOf(id + 0x10, secretOf(index))));
    builder.instance(id + 0x40, 0x110, builder.id(shared));
    builder.primitiveArray(id + 0x80, BYTE, Buffer.alloc(BLOCK / 4));
  }
  builder.heap();
  return builder.done();
}

function runsIn(bytes: Buffer): RandomRuns {
  const offsets: number[] = [];
  const front = secretOf(0).slice(0, -4);
  for (let at = bytes.indexOf(front); at >= 0; at = bytes.indexOf(front, at + 1)) offsets.push(at);
  return { offsets: Float64Array.from(offsets), lengths: new Uint32Array(offsets.length).fill(32) };
}

async function ownersIn(
  bytes: Buffer,
  threads?: Threads,
): Promise<{ found: (Owned | HeldObject)[]; end: OwnersEnd }> {
  const found: (Owned | HeldObject)[] = [];
  const search = openDump(bufferReader(bytes)).owners!(
    runsIn(bytes),
    (name) => /Secret/.test(name),
    [],
    threads,
  );
  for (;;) {
    const { done, value } = search.next();
    if (done) return { found, end: value };
    if (value) found.push(value);
    await threads?.tasks.pending;
  }
}

/** A pool whose tasks fail. */
const brokenPool: Pick<SweepPool, 'map'> = {
  async *map(_job, _inputs, here) {
    yield here(await Promise.reject(new Error('no thread')));
  },
};

describe('passes over a heap as tasks', () => {
  const pool = new SweepPool(2);
  afterAll(() => pool.close());
  const bytes = heap();
  const threadsWith = (taskSize: number): Threads => ({
    storage: memoryStorage(bytes),
    tasks: new PausingTasks(pool),
    taskSize,
  });

  test('give the same on several threads and on one, in the same order', async () => {
    const alone = await ownersIn(bytes);
    // Four owners of one value are reported.
    expect(alone.found.length).toBe(HOLDERS + 4);
    expect(await ownersIn(bytes, threadsWith(BLOCK))).toEqual(alone);
    expect(await ownersIn(bytes, threadsWith(2 ** 24))).toEqual(alone);
  });

  test('end the search with the error of a task', async () => {
    const { storage } = threadsWith(BLOCK);
    const closed: Threads = { storage, tasks: new PausingTasks(brokenPool) };
    await expect(ownersIn(bytes, closed)).rejects.toThrow('no thread');
  });
});

import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStorage, PAGE, type Storage } from '../../src/core/base/bytes/storage.js';
import { DecodingProgress } from '../../src/source/decode-thread.js';
import { PageCache } from '../../src/source/page-cache.js';
import { awaitBytes, newRing, RingWriter, release, ringStorage, written } from '../../src/source/ring.js';
import fc from '../support/property.js';
import { program, readAll, sample, scratch } from './collect.js';

const MiB = 2 ** 20;
const files = scratch();
const content = sample(3 * MiB + 100);
let path: string;
let fd: number;
let coded: { path: string; storage: Storage; limit: number; codec: string };

beforeAll(() => {
  path = files.write('content.gz', program('gzip', ['-c'], content));
  fd = fs.openSync(path, 'r+');
  const storage: Storage = { kind: 'file', fd, length: fs.fstatSync(fd).size };
  coded = { path, storage, limit: 1e9, codec: 'gzip' };
});
afterAll(() => {
  fs.closeSync(fd);
  files.remove();
});

/** For conditions checked once for every byte: `expect` takes microseconds. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const descriptors = (): number => fs.readdirSync('/proc/self/fd').length;

describe('a ring', () => {
  test('property: returns bytes that are not released, and calls back once awaited bytes are written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3000), { maxLength: 20 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
        (sizes, size, steps) => {
          const memory = newRing(size);
          const reader = openStorage(ringStorage(memory));
          const read: Buffer[] = [];
          let released = 0;
          let awaited = 0;
          const next = (): void => {
            awaited = released + 1 + (steps[read.length % steps.length]! % size);
            check(!awaitBytes(memory, awaited), 'awaited bytes are not written yet');
          };
          const consume = (): void => {
            const length = written(memory);
            const part = Buffer.alloc(length - released + 5);
            read.push(part.subarray(0, reader.read(released, part)));
            released = length;
            release(memory, length);
          };
          const writer = new RingWriter(memory, () => {
            check(written(memory) >= awaited, 'called back once awaited bytes are written');
            consume();
            next();
          });
          next();
          const whole = Buffer.concat(sizes.map((length, seed) => sample(length, seed + 1)));
          let at = 0;
          for (const length of sizes) {
            writer.write(whole.subarray(at, at + length));
            at += length;
          }
          expect(writer.length).toBe(whole.length);
          expect(whole.length).toBeLessThan(awaited);
          consume();
          expect(Buffer.concat(read).equals(whole)).toBe(true);
        },
      ),
    );
  });
});

test('pages of zeros take no place, and are read without decoding again', async () => {
  const cache = new PageCache(coded);
  const pages = Buffer.concat([
    content.subarray(0, PAGE),
    Buffer.alloc(2 * PAGE),
    content.subarray(PAGE, 2 * PAGE),
  ]);
  for (let page = 0; page < 4; page++)
    await cache.add(page, (target) => void pages.copy(target, 0, page * PAGE, (page + 1) * PAGE));
  await cache.finish(pages.length);
  const target = Buffer.alloc(pages.length - 100, 1);
  expect(cache.reader().read(50, target)).toBe(target.length);
  expect(target.equals(pages.subarray(50, pages.length - 50))).toBe(true);
  expect(cache.spooled).toBe(2 * PAGE);
  cache.close();
});

describe('a decoding', () => {
  test.each([
    { codec: 'gzip', pack: ['gzip', '-1', '-c'] },
    { codec: 'zstd', pack: ['zstd', '-1', '-qc'] },
  ])('waits for its reader, and ends with the report of the decoder: $codec', async ({ codec, pack }) => {
    // Longer than the ring.
    const content = Buffer.concat(Array<Buffer>(9).fill(sample(3 * MiB + 100)));
    const [command = '', ...args] = pack;
    const bytes = new Uint8Array(new SharedArrayBuffer(content.length));
    const length = program(command, args, content).copy(bytes);
    const storage: Storage = { kind: 'memory', bytes: bytes.buffer as SharedArrayBuffer, length };
    const decoding = new DecodingProgress({ ...coded, codec, storage });
    const reader = openStorage(decoding.storage);
    const read: Buffer[] = [];
    for (let at = 0; ; ) {
      await decoding.until(at + 300_000);
      const part = Buffer.alloc(Math.min(300_000, decoding.written - at));
      if (part.length === 0) break;
      expect(reader.read(at, part)).toBe(part.length);
      read.push(part);
      at += part.length;
      decoding.release(at);
    }
    expect(decoding.report?.unread).toEqual([]);
    expect(Buffer.concat(read).equals(content)).toBe(true);
    await decoding.close();
  });

  test('an abort ends the wait', async () => {
    const decoding = new DecodingProgress(coded);
    const abort = new AbortController();
    const waiting = decoding.until(Number.MAX_SAFE_INTEGER, abort.signal);
    abort.abort(new Error('stopped'));
    // The decoding may have ended before.
    await waiting.catch((error) => expect(error).toBe(abort.signal.reason));
    await decoding.close();
  });

  test('a thread that fails is reported', async () => {
    const decoding = new DecodingProgress({ ...coded, codec: 'nothing' });
    await expect(decoding.until(1)).rejects.toMatchObject({ code: 'worker-failed' });
    await decoding.close();
  });
});

async function keep(pages: readonly number[], memory = 1e9): Promise<PageCache> {
  const kept = new PageCache(coded, files.folder, memory);
  for (const page of pages)
    if (!kept.has(page))
      await kept.add(page, (target) => target.set(content.subarray(page * PAGE, (page + 1) * PAGE)));
  await kept.finish(content.length);
  return kept;
}

const last = Math.floor(content.length / PAGE);

describe('a page cache', () => {
  test.each([
    ['memory', 1e9],
    ['a file', 0],
  ])('reads kept pages from %s without a second decoding', async (_where, memory) => {
    const before = descriptors();
    const kept = await keep([0, 1, 5, 6, 3, last, 7], memory);
    const held = descriptors();
    const reader = kept.reader();
    for (const [offset, length] of [
      [0, 2 * PAGE],
      [17, 4000],
      [3 * PAGE, PAGE],
      [5 * PAGE + 100, 2 * PAGE],
      [6 * PAGE, 2 * PAGE],
      [last * PAGE, 5000],
      [content.length + 5, 10],
    ] as const) {
      const target = Buffer.alloc(length);
      const count = reader.read(offset, target);
      expect(target.subarray(0, count).equals(content.subarray(offset, offset + length))).toBe(true);
    }
    const near = (page: number, pages: number) => reader.near?.(page * PAGE + 9, pages * PAGE);
    expect([near(0, 1), near(0, 5), near(5, 9), near(2, 1)]).toEqual([PAGE, 2 * PAGE - 9, 3 * PAGE - 9, 0]);
    expect(descriptors()).toBe(held);
    kept.close();
    kept.close();
    await new Promise(setImmediate);
    expect(descriptors()).toBe(before);
  });

  test('reading another page decodes the whole container again', async () => {
    const kept = await keep([0]);
    expect(kept.spooled).toBe(PAGE);
    const target = Buffer.alloc(10_000);
    expect(kept.reader().read(100_003, target)).toBe(10_000);
    expect(kept.spooled).toBe(PAGE + content.length);
    expect(target.equals(content.subarray(100_003, 110_003))).toBe(true);
    expect(readAll(await kept.whole()).equals(content)).toBe(true);
    expect(kept.failure).toBeUndefined();
    kept.close();
  });

  test('all bytes can be read, from an encrypted file without a name', async () => {
    const kept = await keep([2]);
    const storage = await kept.whole();
    expect(storage.kind).toBe('sealed');
    expect(readAll(storage).equals(content)).toBe(true);
    if (storage.kind === 'sealed') {
      const disk = Buffer.alloc(content.length);
      fs.readSync(storage.fd, disk, 0, disk.length, 0);
      expect(disk.includes(content.subarray(0, 64))).toBe(false);
    }
    expect(fs.readdirSync(files.folder)).toEqual(['content.gz']);
    kept.close();
  });

  test('decoding again serves one sweep, and reads of kept pages meanwhile', async () => {
    const kept = new PageCache(coded, '/proc/self');
    await kept.add(0, (target) => target.set(content.subarray(0, PAGE)));
    await kept.finish(content.length);
    const { decoding, end } = kept.again()!;
    const reader = kept.reader();
    const part = Buffer.alloc(1000);
    for (let at = 0; at < content.length; at += 200_000) {
      await decoding.until(at + 1000);
      expect(kept.length).toBe(content.length);
      const length = reader.read(at, part);
      expect(part.subarray(0, length).equals(content.subarray(at, at + 1000))).toBe(true);
      decoding.release(at);
      expect(reader.read(5, part)).toBe(1000);
      expect(part.equals(content.subarray(5, 1005))).toBe(true);
    }
    await end();
    expect(kept.failure).toBeUndefined();
    kept.close();
  });

  test('an abort ends the second decoding, and no descriptor leaks', async () => {
    const before = descriptors();
    const kept = await keep([2]);
    const abort = new AbortController();
    const whole = kept.whole(abort.signal);
    abort.abort(new Error('stopped'));
    await expect(whole).rejects.toBe(abort.signal.reason);
    kept.close();
    for (let turn = 0; turn < 200 && descriptors() > before; turn++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(descriptors()).toBeLessThanOrEqual(before);
  });

  test('a changed container is reported', async () => {
    const kept = await keep([0]);
    const bytes = fs.readFileSync(path);
    fs.ftruncateSync(fd, 100_000);
    try {
      const target = Buffer.alloc(100);
      expect(kept.reader().read(content.length - 100_000, target)).toBe(0);
      expect(kept.failure?.code).toBe('container-changed');
      expect(kept.reader().read(0, target)).toBe(100);
    } finally {
      kept.close();
      fs.writeSync(fd, bytes, 0, bytes.length, 0);
    }
  });

  test.each(['while it is decoded first', 'while it is decoded again'])(
    'a container changed before a read %s is reported',
    async (when) => {
      const again = when === 'while it is decoded again';
      const kept = again ? await keep([0]) : new PageCache(coded, files.folder);
      const bytes = fs.readFileSync(path);
      const sweep = again ? kept.again()! : undefined;
      if (sweep === undefined) kept.follow(() => undefined);
      await sweep?.decoding.until(Number.MAX_SAFE_INTEGER);
      sweep?.decoding.release(content.length);
      fs.ftruncateSync(fd, 100_000);
      try {
        expect(kept.reader().read(content.length - 100_000, Buffer.alloc(100))).toBe(0);
        await (sweep ? sweep.end() : kept.finish(content.length));
        expect(kept.failure?.code).toBe('container-changed');
      } finally {
        kept.close();
        fs.writeSync(fd, bytes, 0, bytes.length, 0);
      }
    },
  );

  test('a thread that fails during the second decoding is reported', async () => {
    const kept = await keep([0]);
    const { decoding, end } = kept.again()!;
    await decoding.close();
    await expect(decoding.until(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'worker-failed' });
    await end();
    expect(kept.failure?.code).toBe('worker-failed');
    kept.close();
  });

  test('ending the second decoding early is not reported', async () => {
    const kept = await keep([0]);
    await kept.again()!.end();
    expect(kept.failure).toBeUndefined();
    kept.close();
  });

  test('a folder that cannot be written is reported', async () => {
    const kept = new PageCache(coded, `${files.folder}/missing`);
    await kept.finish(content.length);
    expect((await kept.whole()).length).toBe(0);
    expect(kept.failure?.code).toBe('spool-failed');
    kept.close();
  });
});

import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { memoryStorage, openStorage } from '../../../src/core/base/bytes/storage.js';
import { compressedTasks, job } from '../../../src/redact/fill/compressed/compressed-job.js';
import { secretTest } from '../../../src/redact/fill/compressed/secret-test.js';
import {
  compressedFills,
  type StreamStarts,
  storedStreams,
} from '../../../src/redact/fill/compressed/stored-streams.js';
import { MemoryOrder, seamColumns } from '../../../src/redact/fill/compressed/streams.js';
import { kernelName } from '../../../src/sweep/kernel-select.js';
import { SweepPool } from '../../../src/sweep/pool.js';
import { knownSecrets } from './known-secrets.js';

const random = new SeededRandom('stored streams');
const { scalar, value, known } = await knownSecrets(random);
const pool = new SweepPool(1);

const text = (of: Uint8Array | string): Buffer =>
  Buffer.concat([
    Buffer.from('a line of a log\n'.repeat(40)),
    Buffer.from(of),
    Buffer.alloc(300, 'end of it '),
  ]);
const token = githubToken(random);
const HELD: readonly [what: string, stream: Buffer][] = [
  ['a part of a key', gzipSync(text(scalar.subarray(3, 30)))],
  ['a value', deflateSync(text(value))],
  ['a token', gzipSync(text(`${token}\n`))],
  ['a token in base64 of gzip', Buffer.from(gzipSync(text(`${token}\n`)).toString('base64'))],
  ['a token in a stream in it', deflateSync(text(gzipSync(text(`${token}\n`))))],
];
const nothing = Buffer.concat([gzipSync(text('nothing')), deflateSync(Buffer.from(random.bytes(5000)))]);

async function extentsOf(fills: AsyncIterable<{ offset: number; length: number }>): Promise<string[]> {
  const found = [];
  for await (const { offset, length } of fills) found.push(`${offset} ${length}`);
  return found;
}

const stored = (memory: Uint8Array, seams: Parameters<typeof seamColumns>[0] = []) =>
  extentsOf(storedStreams(memoryStorage(memory), { ...known, pool, open: openStorage, seams }));

describe('streams of a storage', () => {
  test.each(HELD)('with %s are filled, and others are not', async (_what, stream) => {
    // The second one begins in one task and ends in the next.
    const before = 2 ** 20 - 40;
    const first = Buffer.concat([nothing, stream, nothing]);
    const memory = Buffer.concat([first, Buffer.alloc(before - first.length, 0xee), stream, nothing]);
    const found = await stored(memory);
    expect(found.map((each) => each.split(' ')[0])).toEqual([String(nothing.length), String(before)]);
    const isSecret = secretTest(known);
    expect(found).toEqual(await extentsOf(compressedFills(openStorage(memoryStorage(memory)), { isSecret })));
  });

  test('are followed by address', async () => {
    const stream = gzipSync(Buffer.concat([Buffer.from(random.bytes(3000)), text(scalar)]));
    const half = stream.length >> 1;
    const parts = [Buffer.alloc(64, 0xee), stream.subarray(half), nothing, stream.subarray(0, half)];
    const memory = Buffer.concat(parts);
    const seams = [{ endOffset: memory.length, offset: 64 }];
    expect(await stored(memory, seams)).toEqual([
      `${memory.length - half} ${half}`,
      `64 ${stream.length - half}`,
    ]);
    const order = new MemoryOrder(seamColumns(seams));
    const reader = openStorage(memoryStorage(memory));
    expect(await stored(memory, seams)).toEqual(
      await extentsOf(compressedFills(reader, { order, isSecret: secretTest(known) })),
    );
  });

  test('that hold nothing are left out by the threads', () => {
    const memory = Buffer.concat([nothing, deflateRawSync(nothing), nothing]);
    const kernel = kernelName();
    const sources = {
      ...{ id: -1, kernel, net: known.book.net, seams: seamColumns([]) },
      ...{ table: known.table, values: known.values },
    };
    const answers: StreamStarts[] = [...compressedTasks(memoryStorage(memory), sources)].map(job);
    expect(answers.map(({ length }) => length)).toEqual([1]);
    expect(answers[0]![0]).toBeGreaterThan(nothing.length);
  });

  const sourcesOf = () => ({
    ...{ id: -2, kernel: kernelName(), net: known.book.net, seams: seamColumns([]) },
    ...{ table: known.table, values: known.values },
  });
  /** Expands to what a file may expand to at least. */
  const bomb = deflateSync(Buffer.alloc(2 ** 26), { level: 1 });

  test('that take a thread too long are left to the caller', () => {
    const memory = Buffer.concat([nothing, bomb, HELD[0]![1]]);
    const [rows = []] = [...compressedTasks(memoryStorage(memory), sourcesOf())].map(job);
    const starts = [...rows].filter((_, i) => i % 2 === 1);
    expect(starts).toContain(nothing.length);
    expect(starts).toContain(nothing.length + bomb.length);
  });

  test('are not decoded any further once the search is aborted', async () => {
    const memory = Buffer.alloc(2 ** 24);
    bomb.copy(memory);
    let tests = 0;
    const isSecret = (): boolean => ++tests < 0;
    async function* starts(): AsyncGenerator<StreamStarts> {
      yield [0, 0, 2, 0, 2, 0, 2];
    }
    const setup = { isSecret, starts: starts(), signal: AbortSignal.abort('stop') };
    const fills = compressedFills(openStorage(memoryStorage(memory)), setup);
    await expect(extentsOf(fills)).rejects.toBe('stop');
    expect(tests).toBeLessThan(20);
  });

  test('end where all threads together have spent the budget', async () => {
    let isLimit = false;
    async function* starts(): AsyncGenerator<StreamStarts> {
      for (let part = 0; part < 3; part++) yield [2 ** 25];
    }
    const fills = compressedFills(openStorage(memoryStorage(nothing)), {
      isSecret: () => false,
      starts: starts(),
      onLimit: () => {
        isLimit = true;
      },
    });
    expect(await extentsOf(fills)).toEqual([]);
    expect(isLimit).toBe(true);
  });
});

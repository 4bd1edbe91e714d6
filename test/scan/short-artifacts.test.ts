import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memoryStorage } from '../../src/core/base/bytes/storage.js';
import { openRulebook, type Rulebook } from '../../src/detect/rulebook/rulebook.js';
import { type Swept, sweepArtifact, sweepAtOnce } from '../../src/scan/first-sweep.js';
import { Ledger } from '../../src/scan/ledger.js';
import { OpenDump } from '../../src/scan/open-dump.js';
import { mayHoldBareKeys } from '../../src/scan/unmarked-keys.js';
import { SweepPool } from '../../src/sweep/pool.js';
import { RunJoiner } from '../../src/sweep/runs/run-joiner.js';
import { SHORTEST_TEXT } from '../../src/sweep/runs/texts.js';
import { sample } from '../source/collect.js';
import fc from '../support/property.js';

const pool = new SweepPool(1);
let book: Rulebook;
beforeAll(async () => {
  book = await openRulebook({});
});
afterAll(() => pool.close());

function opened(bytes: Uint8Array, signal?: AbortSignal) {
  const storage = memoryStorage(bytes);
  const artifact = { path: 'a', storage, unread: [], warnings: [], live: false, close() {} };
  const dump = new OpenDump(artifact, 0);
  const ledger = new Ledger(dump);
  const counted = { bytes: 0 };
  const request = {
    ...{ pool, net: book.net, runs: true, lengthOf: () => 8 },
    ...(signal ? { signal } : {}),
    onBytes(bytes: number) {
      counted.bytes += bytes;
    },
  };
  return { dump, ledger, request, counted };
}

/** Words, hexadecimal, base64url and random bytes: what runs of every kind are made of. */
const part = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 60 }),
  fc.string({ maxLength: 40 }).map((text) => Buffer.from(text)),
  fc
    .uint8Array({ minLength: 1, maxLength: 50 })
    .map((bytes) => Buffer.from(Buffer.from(bytes).toString('base64url'))),
  fc
    .uint8Array({ minLength: 1, maxLength: 50 })
    .map((bytes) => Buffer.from(Buffer.from(bytes).toString('hex'))),
  fc.integer({ min: 1, max: 80 }).map((length) => Buffer.alloc(length, ' ')),
);
const contents = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => Buffer.concat(parts));

const inBatches = async (batches: AsyncIterable<Swept> | Iterable<Swept>): Promise<Swept[]> => {
  const all: Swept[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

describe('a short artifact', () => {
  test('property: swept at once it has the batch of a sweep by the pool', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (bytes) => {
        const [short, long] = [opened(bytes), opened(bytes)];
        const atOnce = sweepAtOnce(short.dump, short.ledger, short.request);
        // Now and then the event loop has its turn first.
        if (atOnce === undefined) return;
        const expected = await inBatches(sweepArtifact(long.dump, long.ledger, long.request));
        expect(await inBatches(atOnce)).toEqual(expected);
        expect([short.ledger.swept, short.counted.bytes]).toEqual([bytes.length, bytes.length]);
        expect([long.ledger.swept, long.counted.bytes]).toEqual([bytes.length, bytes.length]);
      }),
      { numRuns: 100 },
    );
  });

  test('property: one that may hold no bare key has nothing that joins to a run', async () => {
    let without = 0;
    await fc.assert(
      fc.asyncProperty(contents, async (bytes) => {
        const { dump, ledger, request } = opened(bytes);
        for (const batch of await inBatches(sweepArtifact(dump, ledger, request))) {
          if (mayHoldBareKeys(batch, dump)) continue;
          without++;
          const { runs, digits, texts, numbers, decoded, to } = batch;
          const joiners = [
            [runs, new RunJoiner()],
            [digits, new RunJoiner()],
            [texts, new RunJoiner({ unit: 1, shortest: SHORTEST_TEXT })],
          ] as const;
          for (const [found, joiner] of joiners)
            expect([...(found ? joiner.push(found, to) : []), ...joiner.finish()]).toEqual([]);
          expect([numbers?.byteLength, decoded?.byteLength]).toEqual([0, 0]);
        }
      }),
      { numRuns: 150 },
    );
    expect(without).toBeGreaterThan(20);
  });

  test('whose examination is aborted is unread; one that was examined is not', () => {
    for (const [examined, unread] of [
      [false, [{ offset: 0, length: 900, reason: 'not read: the scan was stopped' }]],
      [true, []],
    ] as const) {
      const controller = new AbortController();
      const { dump, ledger, request } = opened(sample(900), controller.signal);
      const examine = (): void => {
        for (const _ of sweepAtOnce(dump, ledger, request) ?? []) {
          controller.abort(new Error('aborted'));
          if (!examined) throw new Error('aborted');
        }
      };
      expect(examine).toThrow('aborted');
      expect(ledger.unread).toEqual(unread);
    }
  });

  test('is not swept at once after an abort', () => {
    const { dump, ledger, request } = opened(sample(900), AbortSignal.abort());
    expect(sweepAtOnce(dump, ledger, request)).toBeUndefined();
  });
});

test('between short artifacts the event loop has its turn, which a signal needs', async () => {
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error('aborted')));
  const sweepMany = async (): Promise<void> => {
    for (let i = 0; i < 1000; i++) {
      const { dump, ledger, request } = opened(sample(100), controller.signal);
      await inBatches(sweepAtOnce(dump, ledger, request) ?? sweepArtifact(dump, ledger, request));
    }
  };
  await expect(sweepMany()).rejects.toThrow('aborted');
});

import type { Transform } from 'node:stream';
import zlib, { type Zlib } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { openStorage } from '../../src/base/bytes/storage.js';
import type { OutputBuffer } from '../../src/source/decoder.js';
import { awaitBytes, newRing, RingWriter, release, ringStorage, written } from '../../src/source/ring.js';
import { SyncZlib } from '../../src/source/sync-zlib.js';
import fc from '../support/property.js';
import { sample } from './collect.js';

const content = sample(200_000);
const packed = zlib.deflateRawSync(content);

const inflate = (): Transform & Zlib => zlib.createInflateRaw({ chunkSize: 1024 });

/** Memory in pieces of these lengths, in turn, of which nothing is ever used again. */
function lenderOf(lengths: readonly number[]): OutputBuffer & { filled: number } {
  let count = 0;
  return {
    filled: 0,
    reserve: () => new Uint8Array(lengths[count++ % lengths.length]!),
    commit(length) {
      this.filled += length;
    },
  };
}

async function decoded(
  direct: SyncZlib,
  pieces: Iterable<Uint8Array>,
): Promise<{ bytes: Buffer; error?: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    for (const piece of pieces) for await (const part of direct.decode(piece)) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  } finally {
    direct.close();
  }
  return { bytes: Buffer.concat(parts) };
}

function* cut(bytes: Buffer, steps: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = steps[i % steps.length]!;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const lengths = (most: number) => fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 6 });

describe('into lent memory', () => {
  test('property: pieces of any length into memory of any length give the content', async () => {
    await fc.assert(
      fc.asyncProperty(lengths(30_000), lengths(50_000), async (steps, rooms) => {
        const lender = lenderOf(rooms.map((length) => length + 500));
        const { bytes, error } = await decoded(
          SyncZlib.of(inflate(), lender)!,
          cut(
            packed,
            steps.map((n) => n + 100),
          ),
        );
        expect(error).toBeUndefined();
        expect(bytes.equals(content)).toBe(true);
        expect(lender.filled).toBe(content.length);
      }),
      { numRuns: 30 },
    );
  });

  test('memory that the content fills to its last byte', async () => {
    for (const length of [content.length, content.length / 2, content.length / 100]) {
      const { bytes } = await decoded(SyncZlib.of(inflate(), lenderOf([length]))!, [packed]);
      expect(bytes.equals(content)).toBe(true);
    }
  });

  test('a checksum that does not match throws behind what came before it', async () => {
    const damaged = zlib.deflateSync(content);
    damaged[damaged.length - 1]! ^= 1;
    const stream = zlib.createInflate({ chunkSize: 1024 });
    const { bytes, error } = await decoded(SyncZlib.of(stream, lenderOf([1000]))!, [damaged]);
    expect(error).toMatchObject({ code: 'Z_DATA_ERROR' });
    expect(bytes.length).toBeGreaterThanOrEqual(content.length - 1000);
    expect(bytes.equals(content.subarray(0, bytes.length))).toBe(true);
  });

  test('what follows the end throws', async () => {
    const longer = Buffer.concat([packed, Buffer.from('more')]);
    const { bytes, error } = await decoded(SyncZlib.of(inflate(), lenderOf([1 << 20]))!, [longer]);
    expect(error).toMatchObject({ message: 'what follows the end of the data' });
    expect(bytes.equals(content)).toBe(true);
  });

  test('a stream that has no synchronous calls is not driven', () => {
    const stream = inflate();
    const other = Object.create(stream, { _handle: { value: {} } }) as Transform & Zlib;
    expect(SyncZlib.of(other, lenderOf([1]))).toBeUndefined();
    stream.destroy();
  });
});

describe('into a ring', () => {
  test('property: content in lent memory and copied content come in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 600, max: 70_000 }),
        fc.array(fc.nat(3000), { minLength: 2, maxLength: 6 }),
        async (size, copies) => {
          const memory = newRing(size);
          const reader = openStorage(ringStorage(memory));
          const read: Buffer[] = [];
          // Whoever reads takes what has come and awaits one byte more.
          const writer = new RingWriter(memory, () => {
            const from = read.reduce((sum, { length }) => sum + length, 0);
            const part = Buffer.alloc(written(memory) - from);
            read.push(part.subarray(0, reader.read(from, part)));
            release(memory, from + part.length);
            expect(awaitBytes(memory, from + part.length + 1)).toBe(false);
          });
          awaitBytes(memory, 1);
          const expected: Buffer[] = [];
          for (const [i, length] of copies.entries()) {
            const bytes = sample(length, length + 1);
            writer.write(bytes);
            expected.push(bytes);
            if (i === 0) expected.push(await inflatedInto(writer));
          }
          const whole = Buffer.concat(expected);
          expect(writer.length).toBe(whole.length);
          expect(Buffer.concat(read).equals(whole)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** A part is written when the next one has been decoded, as a decoding thread does it. */
async function inflatedInto(writer: RingWriter): Promise<Buffer> {
  const direct = SyncZlib.of(inflate(), writer.buffer)!;
  let last: Uint8Array | undefined;
  for await (const part of direct.decode(packed)) {
    expect(part.buffer).toBeInstanceOf(SharedArrayBuffer);
    if (last) writer.write(last);
    last = part;
  }
  if (last) writer.write(last);
  direct.close();
  return content;
}

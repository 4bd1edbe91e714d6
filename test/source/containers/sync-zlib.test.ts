import type { Transform } from 'node:stream';
import zlib, { type Zlib } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { openStorage } from '../../../src/core/base/bytes/storage.js';
import type { OutputBuffer } from '../../../src/source/containers/decoding/decoder.js';
import { SyncZlib } from '../../../src/source/containers/zstd/zstd-frame.js';
import { awaitBytes, newRing, RingWriter, release, ringStorage, written } from '../../../src/source/ring.js';
import fc from '../../support/property.js';
import { sample } from '../collect.js';

const content = sample(200_000);
const packed = zlib.deflateRawSync(content);

const inflate = (): Transform & Zlib => zlib.createInflateRaw({ chunkSize: 1024 });

/** Reserves buffers of these lengths in turn, each used once. */
function bufferOf(lengths: readonly number[]): OutputBuffer & { committed: number } {
  let count = 0;
  return {
    committed: 0,
    reserve: () => new Uint8Array(lengths[count++ % lengths.length]!),
    commit(length) {
      this.committed += length;
    },
  };
}

async function decoded(
  decoder: SyncZlib,
  pieces: Iterable<Uint8Array>,
): Promise<{ bytes: Buffer; error?: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    for (const piece of pieces) for await (const part of decoder.decode(piece)) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  } finally {
    decoder.close();
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

describe('into an output buffer', () => {
  test('property: decodes pieces of any length into buffers of any length', async () => {
    await fc.assert(
      fc.asyncProperty(lengths(30_000), lengths(50_000), async (steps, rooms) => {
        const buffer = bufferOf(rooms.map((length) => length + 500));
        const { bytes, error } = await decoded(
          SyncZlib.of(inflate(), buffer)!,
          cut(
            packed,
            steps.map((n) => n + 100),
          ),
        );
        expect(error).toBeUndefined();
        expect(bytes.equals(content)).toBe(true);
        expect(buffer.committed).toBe(content.length);
      }),
      { numRuns: 30 },
    );
  });

  test('decodes content that fills a buffer exactly', async () => {
    for (const length of [content.length, content.length / 2, content.length / 100]) {
      const { bytes } = await decoded(SyncZlib.of(inflate(), bufferOf([length]))!, [packed]);
      expect(bytes.equals(content)).toBe(true);
    }
  });

  test('throws for a checksum mismatch after the content before it', async () => {
    const damaged = zlib.deflateSync(content);
    damaged[damaged.length - 1]! ^= 1;
    const stream = zlib.createInflate({ chunkSize: 1024 });
    const { bytes, error } = await decoded(SyncZlib.of(stream, bufferOf([1000]))!, [damaged]);
    expect(error).toMatchObject({ code: 'Z_DATA_ERROR' });
    expect(bytes.length).toBeGreaterThanOrEqual(content.length - 1000);
    expect(bytes.equals(content.subarray(0, bytes.length))).toBe(true);
  });

  test('throws for bytes after the end of the data', async () => {
    const longer = Buffer.concat([packed, Buffer.from('more')]);
    const { bytes, error } = await decoded(SyncZlib.of(inflate(), bufferOf([1 << 20]))!, [longer]);
    expect(error).toMatchObject({ message: 'what follows the end of the data' });
    expect(bytes.equals(content)).toBe(true);
  });

  test('is not available for a stream without synchronous calls', () => {
    const stream = inflate();
    const other = Object.create(stream, { _handle: { value: {} } }) as Transform & Zlib;
    expect(SyncZlib.of(other, bufferOf([1]))).toBeUndefined();
    stream.destroy();
  });
});

describe('into a ring', () => {
  test('property: content decoded in place and copied content stay in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 600, max: 70_000 }),
        fc.array(fc.nat(3000), { minLength: 2, maxLength: 6 }),
        async (size, copies) => {
          const memory = newRing(size);
          const reader = openStorage(ringStorage(memory));
          const read: Buffer[] = [];
          let consumed = 0;
          // The reader consumes what is written and awaits one byte more.
          const writer = new RingWriter(memory, () => {
            const from = consumed;
            const part = Buffer.alloc(written(memory) - from);
            read.push(part.subarray(0, reader.read(from, part)));
            consumed += part.length;
            release(memory, consumed);
            // Not by `expect`: there are a hundred thousand calls.
            if (awaitBytes(memory, consumed + 1)) throw new Error('awaited bytes are written');
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

/** Writes a part after the next one is decoded, as a decoding thread does. */
async function inflatedInto(writer: RingWriter): Promise<Buffer> {
  const decoder = SyncZlib.of(inflate(), writer.buffer)!;
  let last: Uint8Array | undefined;
  for await (const part of decoder.decode(packed)) {
    expect(part.buffer).toBeInstanceOf(SharedArrayBuffer);
    if (last) writer.write(last);
    last = part;
  }
  if (last) writer.write(last);
  decoder.close();
  return content;
}

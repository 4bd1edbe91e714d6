import { deflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { memoryStorage } from '../../../src/core/base/bytes/storage.js';
import { newDecodeReport, type OutputBuffer } from '../../../src/source/containers/decoding/decoder.js';
import type { DecoderInput } from '../../../src/source/containers/decoding/input.js';
import { inflated } from '../../../src/source/containers/deflate/inflated.js';
import { decodeToSink, type Sink } from '../../../src/source/decode-to-sink.js';
import fc from '../../support/property.js';
import { sample } from '../collect.js';

/** A sink that keeps everything; with `rooms` it has a buffer, of these lengths in turn. */
class Kept implements Sink {
  readonly #parts: Buffer[] = [];
  readonly buffer?: OutputBuffer;
  length = 0;

  constructor(rooms?: readonly number[]) {
    let count = 0;
    if (rooms === undefined) return;
    this.buffer = {
      reserve: () => new Uint8Array(new SharedArrayBuffer(rooms[count++ % rooms.length]!)),
      commit() {},
    };
  }

  write(chunk: Uint8Array): void {
    this.#parts.push(Buffer.from(chunk));
    this.length += chunk.length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

async function decoded(bytes: Buffer, sink: Kept) {
  const report = newDecodeReport();
  const container = { path: 'content', storage: memoryStorage(bytes), limit: 1e9 };
  let at = 0;
  let isWhole: boolean | undefined;
  await decodeToSink(
    container,
    async function* (input: DecoderInput, report, buffer) {
      isWhole = yield* inflated(input, report, 'deflate', buffer);
      at = input.offset;
    },
    report,
    sink,
  );
  return { report, at, isWhole, bytes: sink.bytes };
}

const contents = fc.oneof(
  fc.integer({ min: 1, max: 200_000 }).map((length) => sample(length)),
  fc.integer({ min: 100_000, max: 3_000_000 }).map((length) => Buffer.alloc(length, 'zeros, and others')),
);
const rooms = fc.array(fc.integer({ min: 700, max: 100_000 }), { minLength: 1, maxLength: 4 });

test('property: DEFLATE into a buffer gives what it gives without, whole, cut or damaged', async () => {
  await fc.assert(
    fc.asyncProperty(
      contents,
      rooms,
      fc.uint8Array({ maxLength: 9 }),
      fc.option(fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), cuts: fc.boolean() })),
      async (content, rooms, behind, harm) => {
        const data = deflateRawSync(content);
        const bytes = Buffer.concat([data, behind]);
        const at = Math.floor((harm?.at ?? 1) * data.length);
        if (harm?.cuts === false) bytes[at] = bytes[at]! ^ 0x5a;
        const given = harm?.cuts ? bytes.subarray(0, at) : bytes;
        const [into, apart] = [await decoded(given, new Kept(rooms)), await decoded(given, new Kept())];
        expect(into.bytes.equals(apart.bytes)).toBe(true);
        expect({ ...into, bytes: 0 }).toEqual({ ...apart, bytes: 0 });
        if (harm === null) expect(into.bytes.equals(content)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

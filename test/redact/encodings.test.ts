import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import {
  type Encoder,
  encodingNamed,
  encodingOf,
  gzipEncoder,
  nativeZstdEncoder,
  PaddedZstd,
  ZstdFrameWriter,
} from '../../src/redact/encodings/encodings.js';
import { digestOfContent } from '../../src/redact/file-digest.js';
import type { CopyEncodingName } from '../../src/redact/manifest/manifest.js';
import fc from '../support/property.js';
import { decoded, encoded } from './encoded.js';

const native = nativeZstdEncoder();
const ENCODERS: [name: string, encoding: CopyEncodingName, make: (length: number) => Encoder][] = [
  ['gzip', 'gzip', gzipEncoder],
  ['zstd of own frames', 'zstd', (length) => new ZstdFrameWriter(length)],
  ...(native ? ([['zstd of Node', 'zstd', native]] as [string, CopyEncodingName, typeof native][]) : []),
];

/** Runs of one byte and of mixed ones, some longer than a block of zstd. */
const run = fc.record({
  byte: fc.constantFrom(0, 0, 42, 255),
  length: fc.oneof(fc.nat(9), fc.nat(3000), fc.constantFrom(131_071, 131_072, 131_073, 300_000)),
  mixed: fc.boolean(),
});
const content = fc
  .array(run, { minLength: 1, maxLength: 4 })
  .map((runs) =>
    Buffer.concat(
      runs.map(({ byte, length, mixed }) =>
        mixed
          ? Buffer.from(Array.from({ length }, (_, i) => (i * 2654435761) >>> 24))
          : Buffer.alloc(length, byte),
      ),
    ),
  );

describe.each(ENCODERS)('%s', (_name, encoding, make) => {
  test('what was encoded in any chunks is decoded as it was', () =>
    fc.assert(
      fc.asyncProperty(
        content,
        fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 8 }),
        async (bytes, lengths) => {
          const file = await encoded(make(bytes.length), bytes, lengths);
          expect(encodingOf(bufferReader(file))?.name).toBe(encoding);
          expect((await decoded(encoding, file)).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 40 },
    ));
});

describe('the header', () => {
  test('of gzip has no name and no time', async () => {
    const file = await encoded(gzipEncoder(), Buffer.from('text'));
    expect([...file.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  });

  test('of zstd says the length, and that there is a checksum', async () => {
    const file = await encoded(new ZstdFrameWriter(700), Buffer.alloc(700));
    expect(file.toString('hex')).toMatch(/^28b52ffdc438bc02000000000000e3150000[0-9a-f]{8}$/);
  });
});

test.each([
  [300_000, 30_000],
  [30_001, 3001],
  [30_000, 0],
])('a frame of %d zeros has at least %d bytes, where a scan decodes ten for each', async (length, least) => {
  const zeros = Buffer.alloc(length);
  const make = () => new ZstdFrameWriter(length);
  const file = await encoded(new PaddedZstd(make(), length, { granted: 30_000, ratio: 10 }), zeros);
  const plain = await encoded(make(), zeros);
  expect(file.length).toBe(least === 0 ? plain.length : least + 8);
  expect(file.subarray(0, plain.length).equals(plain)).toBe(true);
  expect((await decoded('zstd', file)).equals(zeros)).toBe(true);
});

test('a file that cannot be read is an error', async () => {
  const encoding = encodingNamed('gzip');
  // No process has that many files open.
  const storage = { kind: 'file', fd: 2 ** 30, length: 9 } as const;
  const digest = digestOfContent({ storage, encoding, length: 9, step: () => {} });
  await expect(digest).rejects.toMatchObject({ code: 'read-failed', exit: 2 });
});

test('a frame of another length than was said is an error', async () => {
  await expect(encoded(new ZstdFrameWriter(5), Buffer.alloc(4))).rejects.toThrow('another length');
});

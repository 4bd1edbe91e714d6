import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type ByteReader, bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import type { ArtifactReport } from '../../src/core/model/report.js';
import { EntropySamples, entropyOf } from '../../src/scan/entropy-samples.js';
import { withTempDir } from '../support/folder.js';
import fc from '../support/property.js';
import { scan } from '../support/scan.js';

const PAGE = 4096;

/** A file of any length whose byte `i` is the number of its page, times i: more or less random. */
const pattern = (length: number): ByteReader => ({
  length,
  read(offset, target) {
    const count = Math.max(0, Math.min(target.length, length - offset));
    for (let i = 0; i < count; i++) target[i] = (Math.floor((offset + i) / PAGE) % 16) * i;
    return count;
  },
});

/** Entropy of one page, from the definition. */
function naive(bytes: Uint8Array): number {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  return Math.round(bits * 100) / 100;
}

test.each([
  [0, PAGE, 0],
  [1, PAGE, 1],
  [PAGE + 1, PAGE, 2],
  [256 * PAGE, PAGE, 256],
  [256 * PAGE + 1, 2 * PAGE, 129],
  [2 ** 27, 128 * PAGE, 256],
  [2 ** 27 + PAGE, 256 * PAGE, 129],
  [2 ** 31, 256 * PAGE, 2048],
  [2 ** 31 + 1, 512 * PAGE, 1025],
  [2 ** 40, 2 ** 29, 2048],
])('a file of %d bytes is sampled each %d bytes, %d times', (length, step, count) => {
  const { page, values, ...facts } = finish(entropyOf(pattern(length)));
  expect({ page, step: facts.step, count: values.length }).toEqual({ page: PAGE, step, count });
});

test('values are the entropy of pages, whatever the file is read by', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 700 * PAGE }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 * PAGE }), cuts, (length, at) => {
      const reader = pattern(length);
      const stored = finish(entropyOf(reader));
      const decoded = new EntropySamples();
      for (const end of at.sort((a, b) => a - b))
        finish(decoded.sample(reader, Math.min(end, length), false));
      finish(decoded.sample(reader, length, true));
      expect(decoded.facts()).toEqual(stored);
      for (const index of [0, stored.values.length - 1].filter((each) => each >= 0)) {
        const offset = index * stored.step;
        const bytes = new Uint8Array(Math.min(PAGE, length - offset));
        reader.read(offset, bytes);
        expect(Math.abs(stored.values[index]! - naive(bytes))).toBeLessThan(0.011);
      }
    }),
    { numRuns: 30 },
  );
});

test('a page that cannot be read is null', () => {
  const reader = { ...bufferReader(new Uint8Array(3 * PAGE)), read: () => 0 };
  expect(finish(entropyOf(reader)).values).toEqual([null, null, null]);
});

test('a scan reports them with the option alone, of a compressed file as of its content', () =>
  withTempDir(async (folder) => {
    const bytes = Buffer.alloc(6 * 2 ** 20);
    pattern(bytes.length).read(0, bytes);
    for (let i = 0; i < bytes.length; i += 7) bytes[i] = (Math.imul(i, 2654435761) >>> 13) & 0xff;
    writeFileSync(join(folder, 'a.raw'), bytes);
    writeFileSync(join(folder, 'b.raw.gz'), gzipSync(bytes, { level: 1 }));
    const artifacts = async (regions: boolean) => {
      const all: ArtifactReport[] = [];
      for await (const event of scan({
        paths: [folder],
        jobs: 2,
        entropyNet: false,
        ...(regions && { regions }),
      }))
        if (event.type === 'artifact') all.push(event);
      return all;
    };
    const [stored, container, content] = await artifacts(true);
    expect(content!.path).toContain('b.raw.gz!');
    expect(stored!.entropy).toMatchObject({ page: PAGE, step: 8 * PAGE });
    expect(content!.entropy).toEqual(stored!.entropy);
    expect(content!.regions).toEqual([
      { kind: 'unknown', offset: 0, length: bytes.length, present: bytes.length },
    ]);
    expect(container!.regions).toHaveLength(1);
    for (const each of await artifacts(false)) {
      expect(each).not.toHaveProperty('regions');
      expect(each).not.toHaveProperty('entropy');
    }
  }));

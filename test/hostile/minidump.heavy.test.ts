import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MinidumpBuilder, memory64List, memoryList, moduleList, STREAM } from '../formats/build-minidump.js';
import { reportOf, runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { PEAK, peakIn } from '../support/peak.js';
import { cases } from '../support/property.js';

const MiB = 2 ** 20;
/** Largest peak memory of a scan, in bytes. */
const MOST = 300 * MiB;

/** A tenth in each run: all of them take a minute. */
const OVERLAPPING = cases(300_000);

const count = 2 ** 32 - 1;
const huge = (body: Buffer): Buffer => {
  body.writeUInt32LE(count, 0);
  return body;
};

/** Dumps whose headers claim far more than the file holds. */
const DUMPS: Record<string, () => Buffer> = {
  'counts of 2^32-1 in every stream': () => {
    const b = new MinidumpBuilder(64);
    for (const type of Object.values(STREAM)) b.stream(type, Buffer.alloc(16, 0xff));
    return Buffer.concat([b.done(), Buffer.alloc(8 * MiB, 0xff)]);
  },
  'counts of 2^32-1 over bodies of 8 MiB': () => {
    const b = new MinidumpBuilder(64);
    const body = b.put(huge(Buffer.alloc(8 * MiB, 0x11)));
    for (const type of Object.values(STREAM)) b.streamAt(type, body, 8 * MiB);
    return b.done();
  },
  'a directory of 2^32-1 streams': () =>
    Buffer.concat([new MinidumpBuilder(0).done(count), Buffer.alloc(16 * MiB, 0x05)]),
  [`${OVERLAPPING} ranges that all claim the whole file`]: () => {
    const ranges = Array.from({ length: OVERLAPPING }, (_, i) => ({
      address: BigInt(i),
      size: 0x1000000,
      rva: 0,
    }));
    return new MinidumpBuilder().stream(STREAM.memory, memoryList(ranges)).done();
  },
  '300,000 ranges of 2^63 bytes': () => {
    const b = new MinidumpBuilder();
    const ranges = Array.from({ length: 300_000 }, (_, i) => ({
      address: BigInt(i) << 20n,
      size: 0x7fffffff,
    }));
    return b.stream(STREAM.memory64, memory64List(b.put(Buffer.alloc(64)), ranges)).done();
  },
  '80,000 modules with one name of 2^31 bytes': () => {
    const b = new MinidumpBuilder();
    const nameRva = b.put(Buffer.from('fefffffe6161', 'hex'));
    const modules = Array.from({ length: 80_000 }, (_, i) => ({
      base: BigInt(i) << 12n,
      size: 0x1000,
      nameRva,
    }));
    return b.stream(STREAM.modules, moduleList(modules)).done();
  },
};

test.each(Object.entries(DUMPS))('a minidump with %s is scanned in bounded memory', async (_name, build) => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'crash.dmp');
    const bytes = build();
    writeFileSync(path, bytes);
    const result = await runCli(['scan', '--format', 'json', '--strict', path], {
      // Garbage is collected only under pressure: the heap limit is the bound, the peak shows that nothing
      // else grows.
      nodeFlags: ['--max-old-space-size=160', ...PEAK],
    });
    const { peak } = peakIn(result.stderr);
    expect(peak).toBeGreaterThan(20 * MiB);
    expect(peak).toBeLessThan(MOST);
    const [artifact] = reportOf(result).artifacts;
    expect(artifact).toMatchObject({
      format: 'minidump',
      size: bytes.length,
      coverage: { file: { bytes: bytes.length, unread: [] } },
    });
    // Every byte was read, and the missing part is reported.
    expect(artifact!.warnings.length + (artifact!.coverage.memory?.missing.length ?? 0)).toBeGreaterThan(0);
    expect(result.status).toBe(2);
  });
});

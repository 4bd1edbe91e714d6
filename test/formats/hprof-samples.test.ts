import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { openDump } from '../../src/formats/formats.js';
import { HprofFile, readHeader } from '../../src/formats/hprof/records/file.js';
import { readSummary } from '../../src/formats/hprof/records/summary.js';
import { walk } from '../../src/formats/hprof/records/walk.js';
import { describeWithSamples } from '../support/samples.js';
import { readAll } from './hprof-oracle.js';

const TYPES: Record<number, string> = {
  4: 'boolean',
  5: 'char',
  6: 'float',
  7: 'double',
  8: 'byte',
  9: 'short',
  10: 'int',
  11: 'long',
};

function counts(bytes: Buffer): { records: Record<number, number>; subs: Record<number, number> } {
  const file = new HprofFile(bufferReader(bytes), readHeader(bytes)!);
  const { checkpoints: marks } = readSummary(file);
  const found = { records: {} as Record<number, number>, subs: {} as Record<number, number> };
  const count = (of: Record<number, number>, tag: number) => {
    of[tag] = (of[tag] ?? 0) + 1;
    return false;
  };
  walk(file, marks, marks.before(0), file.length, {
    record: ({ tag }) => count(found.records, tag),
    sub: (tag) => count(found.subs, tag),
  });
  return found;
}

describeWithSamples('HPROF samples', (folder) => {
  const names = readdirSync(join(folder, 'hprof'));
  const load = (name: string): Buffer => {
    const bytes = readFileSync(join(folder, 'hprof', name));
    return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  };

  test.each(names)('%s: has the records that the oracle counts', (name) => {
    const bytes = load(name);
    const { records, subs } = readAll(bytes);
    expect(counts(bytes)).toEqual({ records, subs });
  });

  test.each(names)('%s: each 50th array bears the name of one of its owners', (name) => {
    const bytes = load(name);
    const { arrays, owners } = readAll(bytes);
    const sampled = arrays.filter(({ length }, index) => length > 0 && index % 50 === 0);
    const dump = openDump(bufferReader(bytes));
    const regions = sampled.map(({ data }) => dump.locate(data).region);
    expect(finish(dump.completeNames!())).toEqual([]);
    const wrong = sampled.filter(({ id, type }, index) => {
      const allowed = owners.get(id) ?? new Set([`${TYPES[type]}[]`]);
      return !allowed.has(regions[index]!.name!);
    });
    expect(wrong).toEqual([]);
    expect(dump.warnings).toEqual([]);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Finding, ScanOptions } from '../../src/index.js';
import { collect, type Scanned } from '../hostile/collect.js';
import { withTempDir } from '../support/folder.js';
import { type OwnedDump, ownedHeap, ownedSnapshot } from './owned-dumps.js';

/** Bytes of a file for which workers start; of a heap dump, for several tasks (hprof/owners/passes.ts). */
const LARGE = 12 << 20;
const TASKS = 36 << 20;

/** What a scan reports of a dump, but for names of files. */
function reported({ artifacts, findings, summary }: Scanned): unknown {
  const dumps = artifacts.filter(({ format }) => format !== 'gzip');
  return {
    findings: findings.map(({ location, occurrences, ...all }) => ({
      ...all,
      location: { ...location, path: '' },
      occurrences: occurrences.map(({ artifact: _, ...each }) => each),
    })),
    artifacts: dumps.map(({ coverage, warnings, format }) => ({
      ...{ format, warnings, limits: coverage.limits, unread: coverage.file.unread },
    })),
    exit: summary.exit,
  };
}

/** Values of findings, by the length of what precedes them in the file. */
const endsOf = (findings: readonly Finding[], isOwned: boolean): number[] =>
  findings
    .flatMap(({ occurrences }) => occurrences)
    .filter(({ owner }) => (owner !== undefined) === isOwned)
    .map(({ offset, length }) => offset + length)
    .sort((a, b) => a - b);

const plantedEnds = ({ planted }: OwnedDump, isOwned: boolean, below = Number.POSITIVE_INFINITY): number[] =>
  planted.filter((each) => each.isOwned === isOwned && each.end <= below).map(({ end }) => end);

const scanBytes = (bytes: Buffer, options: Omit<ScanOptions, 'paths'> = {}) =>
  collect({ paths: ['-'], stdin: Readable.from([bytes]), jobs: 1, exitZero: true, ...options });

describe.each([ownedSnapshot(6, LARGE), ownedHeap(6, TASKS)])('$name', (dump) => {
  test('has the same report from a file, from gzip and from a pipe, with 1 and 8 threads', () =>
    withTempDir(async (folder) => {
      const path = join(folder, dump.name);
      writeFileSync(path, dump.bytes);
      writeFileSync(`${path}.gz`, gzipSync(dump.bytes, { level: 1 }));
      const first = await collect({ paths: [path], jobs: 1 });
      for (const isOwned of [true, false])
        expect(endsOf(first.findings, isOwned)).toEqual(plantedEnds(dump, isOwned));
      for (const jobs of [1, 8]) {
        const others: ScanOptions[] = [
          { paths: [`${path}.gz`] },
          { paths: ['-'], stdin: Readable.from([dump.bytes]) },
        ];
        if (jobs > 1) others.push({ paths: [path] });
        for (const options of others)
          expect(reported(await collect({ ...options, jobs }))).toEqual(reported(first));
      }
    }));
});

describe.each([ownedSnapshot(6), ownedHeap(6)])('$name', (dump) => {
  /** Behind each value, and in the middle of each but the first. */
  const cuts = dump.planted.flatMap(({ end }, i) => (i === 0 ? [end + 2] : [end - 15, end + 2]));

  test.each(cuts)('cut at %i bytes is incomplete, with the secrets of what is there', async (length) => {
    const { findings, summary } = await scanBytes(dump.bytes.subarray(0, length));
    expect(summary.exit).toBe(2);
    for (const isOwned of [true, false])
      expect(endsOf(findings, isOwned)).toEqual(plantedEnds(dump, isOwned, length));
  });
});

describe('a heap dump with a damaged object', () => {
  const dump = ownedHeap(6, 0, Buffer.alloc(64, 0x99));

  test.each([
    [false, 0],
    [true, 2],
  ])('names the owners elsewhere, and warns (strict: %p)', async (strict, exit) => {
    const { artifacts, findings, summary } = await scanBytes(dump.bytes, { strict });
    for (const isOwned of [true, false])
      expect(endsOf(findings, isOwned)).toEqual(plantedEnds(dump, isOwned));
    expect(artifacts.flatMap(({ warnings }) => warnings).map(({ code }) => code)).toContain('hprof-owners');
    expect(summary.exit).toBe(exit);
  });
});

describe('a heap snapshot with a hole', () => {
  const dump = ownedSnapshot(6);
  const extentOf = (name: string): [from: number, to: number] => {
    const from = dump.bytes.indexOf(`"${name}":[`) + name.length + 4;
    return [from, dump.bytes.indexOf(']', from)];
  };
  const [from, to] = extentOf('edges');

  test.each([
    ['all edges', from, to, 0],
    ['the last edges', (from + to) >> 1, to, 1],
    ['the nodes', ...extentOf('nodes'), 0],
  ])('in %s is incomplete, with the secrets in texts', async (_, start, end, least) => {
    const bytes = Buffer.from(dump.bytes).fill(0, start, end);
    const { findings, summary } = await scanBytes(bytes);
    expect(summary.exit).toBe(2);
    expect(endsOf(findings, false)).toEqual(plantedEnds(dump, false));
    const owned = endsOf(findings, true);
    expect(owned.length).toBeGreaterThanOrEqual(least);
    expect(plantedEnds(dump, true)).toEqual(expect.arrayContaining(owned));
  });
});

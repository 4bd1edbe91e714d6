import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type Finding, redact, scan } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { compareWays, type WayFound } from './graph/compare.js';
import { dumpCore, HOLDERS, type Holder } from './graph/core-ways.js';
import { dumpWays, jdks } from './graph/java-ways.js';
import { javaHolder, nodeHolder } from './graph/managed-cores.js';
import { dumpSnapshot } from './graph/node-ways.js';
import type { WaysDump } from './graph/ways.js';

async function findingsOf(options: Parameters<typeof scan>[0]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const event of scan(options)) if (event.type === 'finding') findings.push(event);
  return findings;
}

/** Without the name of the file. */
const comparable = (findings: readonly Finding[]) =>
  findings.map(({ location: { path: _, ...location }, occurrences, ...finding }) => ({
    ...finding,
    location,
    occurrences: occurrences.map(({ artifact: __, ...place }) => place),
  }));

/** What a scan says of each way: nothing wrong, and nothing of a way without a name. */
function namedWays(dump: WaysDump, findings: readonly Finding[]): WayFound[] {
  const { ways, others } = compareWays(dump, findings);
  expect(ways.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  expect(ways.filter(({ group, found }) => group !== 'link' && found)).toEqual([]);
  expect(others).toEqual([]);
  return ways;
}

const notNamed = (ways: readonly WayFound[]): string[] =>
  ways.filter(({ group, named }) => group === 'link' && !named).map(({ way }) => way);

/** Scans it in several ways, and a copy of it. Returns the ways that lead to a name, and were not named. */
async function waysNotNamed(dump: WaysDump, folder: string): Promise<string[]> {
  const findings = await findingsOf({ paths: [dump.path], jobs: 1 });
  const ways = namedWays(dump, findings);

  const zipped = join(folder, 'ways.gz');
  const bytes = readFileSync(dump.path);
  writeFileSync(zipped, gzipSync(bytes, { level: 1 }));
  const again = [{ jobs: 8, paths: [dump.path] }, { paths: [zipped] }];
  for (const options of again) expect(comparable(await findingsOf(options))).toEqual(comparable(findings));

  const output = join(folder, 'copy');
  await redact({ input: dump.path, output, keep: 'all', jobs: 1 });
  const copy = readFileSync(output);
  const found = dump.planted.filter((_, i) => ways[i]!.named);
  expect(found.filter((each) => copy.includes(each.bytes)).map(({ way }) => way)).toEqual([]);
  return notNamed(ways);
}

const DUMPS: [
  label: string,
  needs: Parameters<typeof describeWith>[0],
  dump: (folder: string) => WaysDump | Promise<WaysDump>,
][] = [
  ['Java', ['java', 'javac'], (folder) => dumpWays(jdks()[0]!.home, folder, 'ways')],
  ['Node', [], (folder) => dumpSnapshot(process.execPath, folder, 'ways')],
  ['Python', ['gcore', 'python3'], (folder) => dumpCore(HOLDERS.Python, folder, 'ways')],
  ['C++', ['gcore', 'g++'], (folder) => dumpCore(HOLDERS['C++'], folder, 'ways')],
];

for (const [label, needs, write] of DUMPS)
  describeWith(needs, `names that pointers lead to in memory of ${label}`, () => {
    test('are found, none of a decoy, and a copy has none of the values', async () => {
      await withTempDir(async (folder) => {
        expect(await waysNotNamed(await write(folder), folder)).toEqual([]);
      });
    });
  });

/** Their cores have 0.6 to 1 GB: one scan each. */
const MANAGED: [label: string, needs: Parameters<typeof describeWith>[0], holder: () => Holder][] = [
  ['Java', ['gcore', 'java', 'javac'], () => javaHolder(jdks()[0]!.home)],
  ['Node', ['gcore'], () => nodeHolder(process.execPath)],
];

for (const [label, needs, holder] of MANAGED)
  describeWith(needs, `names beside values in a core of ${label}`, () => {
    test('are found, none of a decoy', async () => {
      await withTempDir(async (folder) => {
        const dump = await dumpCore(holder(), folder, 'ways');
        expect(notNamed(namedWays(dump, await findingsOf({ paths: [dump.path] })))).toEqual([]);
      });
    });
  });

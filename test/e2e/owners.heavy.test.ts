import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type Finding, redact } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpCore, HOLDERS } from './graph/core-ways.js';
import { dumpWays, jdks } from './graph/java-ways.js';
import { findingsOf, namedWays, notNamed } from './graph/named-ways.js';
import { dumpSnapshot } from './graph/node-ways.js';
import type { WaysDump } from './graph/ways.js';

/** Without the name of the file. */
const comparable = (findings: readonly Finding[]) =>
  findings.map(({ location: { path: _, ...location }, occurrences, ...finding }) => ({
    ...finding,
    location,
    occurrences: occurrences.map(({ artifact: __, ...place }) => place),
  }));

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

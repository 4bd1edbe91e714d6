import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type Finding, redact, scan } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { compareWays } from './graph/compare.js';
import { dumpWays, jdks } from './graph/java-ways.js';

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

describeWith(['java', 'javac'], 'names that pointers lead to in a heap of Java', () => {
  test('are found but for one way, none of a decoy, and a copy has none of the values', async () => {
    await withTempDir(async (folder) => {
      const dump = dumpWays(jdks()[0]!.home, folder, 'ways');
      const findings = await findingsOf({ paths: [dump.path], jobs: 1 });
      const { ways, others } = compareWays(dump, findings);
      const links = ways.filter(({ group }) => group === 'link');
      expect(links.filter(({ named }) => !named).map(({ way }) => way)).toEqual(['EnumMap']);
      expect(links.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
      expect(ways.filter(({ group, found }) => group !== 'link' && found)).toEqual([]);
      expect(others).toEqual([]);

      const zipped = join(folder, 'ways.hprof.gz');
      const bytes = readFileSync(dump.path);
      writeFileSync(zipped, gzipSync(bytes, { level: 1 }));
      const again = [{ jobs: 8, paths: [dump.path] }, { paths: [zipped] }];
      for (const options of again)
        expect(comparable(await findingsOf(options))).toEqual(comparable(findings));

      const output = join(folder, 'copy.hprof');
      await redact({ input: dump.path, output, keep: 'all', jobs: 1 });
      const copy = readFileSync(output);
      const found = dump.planted.filter((_, i) => ways[i]!.named);
      expect(found.filter((each) => copy.includes(each.bytes)).map(({ way }) => way)).toEqual([]);
    });
  }, 60_000);
});

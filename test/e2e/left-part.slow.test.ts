import { expect, test } from '@jest/globals';
import { spkiSha256 } from '../../fixtures/keys.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import type { RequirementName } from '../support/programs.js';
import { sightingsIn } from './bare/oracle.js';
import { dumpLeftPart, dumpPlainExponent, LEFT_KEY, LEFT_PARTS } from './holders/left-part.js';

interface Left {
  needs: readonly RequirementName[];
  program: string;
  parts: readonly string[];
  dump(folder: string, part: string): Promise<string>;
}

const PROGRAMS: readonly Left[] = [
  {
    needs: ['openssl', 'gdb'],
    program: 'OpenSSL',
    parts: LEFT_PARTS,
    dump: (folder, part) => dumpLeftPart(folder, part as (typeof LEFT_PARTS)[number]),
  },
  { needs: ['java', 'javac', 'gdb'], program: 'a JVM', parts: ['d'], dump: dumpPlainExponent },
];

for (const { needs, program, parts, dump } of PROGRAMS)
  describeWith(needs, `the only part of an RSA key in memory of ${program}`, () => {
    test.each(parts)('%s, gives the key', async (part) => {
      await withTempDir(async (folder) => {
        const path = await dump(folder, part);
        const left = new Set(sightingsIn(path, { key: LEFT_KEY }).map((each) => each.part.name));
        expect([...left]).toEqual([part]);
        const { report } = await scanJson(['--no-config', path], { cwd: folder });
        const own = report.findings.filter(({ key }) => key?.spkiSha256 === spkiSha256(LEFT_KEY));
        expect(own.map(({ confidence }) => confidence)).toEqual(['proven']);
        expect(own[0]!.proof).toContain(`the number here is ${part}`);
        expect([...new Set(own[0]!.occurrences.map(({ component }) => component))]).toEqual([part]);
      });
    });
  });

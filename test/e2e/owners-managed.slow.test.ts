import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpCore, type Holder } from './graph/core-ways.js';
import { jdks } from './graph/java-ways.js';
import { javaHolder, nodeHolder } from './graph/managed-cores.js';
import { findingsOf, namedWays, notNamed } from './graph/named-ways.js';

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

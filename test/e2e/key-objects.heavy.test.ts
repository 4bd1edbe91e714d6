import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Finding, redact, scan } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { compareWays } from './graph/compare.js';
import { dumpKeys } from './graph/java-keys.js';
import { jdks } from './graph/java-ways.js';

async function findingsOf(path: string): Promise<{ findings: Finding[]; exitCode: number }> {
  const findings: Finding[] = [];
  let exitCode = -1;
  for await (const event of scan({ paths: [path], jobs: 1 })) {
    if (event.type === 'finding') findings.push(event);
    if (event.type === 'summary') exitCode = event.exit;
  }
  return { findings, exitCode };
}

/** With these keys, the byte behind the exponent of the RSA key goes on as its limbs do. */
const SEED = 'objects';
const FOUND_ELSEWHERE = /^(private-key-der|private-key-number)$/;

describeWith(['java', 'javac'], 'keys in objects of the JDK and of BouncyCastle', () => {
  test('are found by their class, session keys without weight, and a copy has none of them', async () => {
    await withTempDir(async (folder) => {
      const dump = dumpKeys(jdks()[0]!.home, folder, SEED);
      const { findings, exitCode } = await findingsOf(dump.path);
      expect(exitCode).toBe(1);
      const { ways, others } = compareWays(dump, findings);
      const links = ways.filter(({ group }) => group === 'link');
      expect(links.length).toBeGreaterThanOrEqual(12);
      expect(links.filter(({ named, counts }) => !named || !counts)).toEqual([]);
      const weightless = ways.filter(({ group }) => group === 'none');
      expect(weightless.length).toBeGreaterThanOrEqual(16);
      expect(weightless.filter(({ found, counts }) => !found || counts)).toEqual([]);
      expect(ways.filter(({ group, found }) => group === 'decoy' && found)).toEqual([]);
      expect(others.map(({ ruleId }) => ruleId).filter((id) => !FOUND_ELSEWHERE.test(id))).toEqual([]);

      const ed25519 = findings.find(({ title }) => title === 'Ed25519 private key')!;
      expect(ed25519).toMatchObject({ confidence: 'high', key: { curve: 'Ed25519', encoding: 'object' } });
      expect(ed25519.key!.spki).toMatch(/^MCowBQYDK2VwAyEA/);

      const output = join(folder, 'copy');
      await redact({ input: dump.path, output, keep: 'all', jobs: 1 });
      const copy = readFileSync(output);
      const left = dump.planted.filter(({ group, bytes }) => group !== 'decoy' && copy.includes(bytes));
      expect(left.map(({ way }) => way)).toEqual([]);
      expect(await findingsOf(output)).toMatchObject({ findings: [], exitCode: 0 });
    });
  });
});

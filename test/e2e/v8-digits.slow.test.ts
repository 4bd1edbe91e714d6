import type { KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { canonicalSpki, sha256Hex } from '../../src/core/asn1/spki.js';
import { parts, spkiOf } from '../search/harness.js';
import { ecFrom, rsaFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { DIGIT_CURVES, DIGIT_FORMS, dumpDigits, inField } from './holders/v8-digits.js';

async function expectFound(core: string, key: KeyObject, encoding: string, statement: string): Promise<void> {
  const { report } = await scanJson([core]);
  const found = report.findings.filter(({ ruleId }) => ruleId === 'private-key-number');
  expect(found).toHaveLength(1);
  const { proof, occurrences } = found[0]!;
  expect(proof).toContain(statement);
  const spki = Buffer.from(spkiOf(key), 'base64');
  expect(JSON.stringify(found[0])).toContain(sha256Hex(canonicalSpki(spki)));
  expect(occurrences.map((each) => each.encoding)).toContain(encoding);
}

describeWith(['gdb'], 'a core of a program with big integers in JavaScript', () => {
  test.each(DIGIT_FORMS)('yields a key stored only as $encoding', async ({ encoding, bits, kind }) => {
    await withTempDir(async (folder) => {
      const key = rsaFrom(`v8 ${encoding}`, 2048);
      const { n, p, q } = parts(key);
      await expectFound(await dumpDigits(folder, [n!, p!, q!], bits, kind), key, encoding, 'n = p*q');
    });
  });

  test.each(DIGIT_CURVES)(
    'yields a key on $curve stored only as digits, with its point in the form of bn.js',
    async ({ curve, openssl }) => {
      await withTempDir(async (folder) => {
        const { size } = DOMAINS.find(({ name }) => name === curve)!;
        const { key, d, x, y } = ecFrom('v8', curve, openssl, size);
        const core = await dumpDigits(folder, [d, inField(x, curve), inField(y, curve)], 26, 'small');
        await expectFound(core, key, 'v8-smi26', 'd*G = Q');
      });
    },
  );
});

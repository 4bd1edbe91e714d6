import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { canonicalSpki, sha256Hex } from '../../src/asn1/spki.js';
import { spkiOf } from '../search/harness.js';
import { ecFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpElliptic, ELLIPTIC_CURVES } from './holders/elliptic.js';

describeWith(['gdb'], 'a core of a program with the library elliptic', () => {
  test.each(ELLIPTIC_CURVES)(
    'yields its key on $curve, and no nonce of what it signed',
    ({ curve, openssl, library, size }) =>
      withTempDir(async (folder) => {
        const { key, d } = ecFrom('elliptic', curve, openssl, size);
        const core = await dumpElliptic(folder, d, library);
        const bytes = readFileSync(core);
        for (const text of [
          d,
          ...(['hex', 'base64', 'base64url'] as const).map((form) => Buffer.from(d.toString(form))),
        ])
          expect(bytes.includes(text)).toBe(false);
        const { report, status } = await scanJson([core]);
        const found = report.findings.filter(({ ruleId }) => ruleId === 'private-key-number');
        expect({ status, found: found.length }).toEqual({ status: 1, found: 1 });
        expect(found[0]!.proof).toContain('d*G = Q');
        expect(JSON.stringify(found[0])).toContain(
          sha256Hex(canonicalSpki(Buffer.from(spkiOf(key), 'base64'))),
        );
        expect(found[0]!.occurrences.map(({ encoding }) => encoding)).toContain('v8-smi26');
      }),
    120_000,
  );
});

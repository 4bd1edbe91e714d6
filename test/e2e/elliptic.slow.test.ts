import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { canonicalSpki, sha256Hex } from '../../src/core/asn1/spki.js';
import type { Finding } from '../../src/core/model/report.js';
import { spkiOf } from '../search/harness.js';
import { ecFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpElliptic, ELLIPTIC_CURVES } from './holders/elliptic.js';

describeWith(['gdb'], 'a core of a program with the library elliptic', () => {
  const held = ELLIPTIC_CURVES.map(({ curve, openssl, library, size }) => ({
    curve,
    library,
    ...ecFrom('elliptic', curve, openssl, size),
  }));
  const idOf = ({ key }: (typeof held)[number]) =>
    sha256Hex(canonicalSpki(Buffer.from(spkiOf(key), 'base64')));
  let found: Finding[] = [];
  const present: string[] = [];

  beforeAll(() =>
    withTempDir(async (folder) => {
      const core = await dumpElliptic(folder, Object.fromEntries(held.map(({ library, d }) => [library, d])));
      const bytes = readFileSync(core);
      for (const { curve, d } of held)
        for (const text of [
          d,
          ...(['hex', 'base64', 'base64url'] as const).map((form) => Buffer.from(d.toString(form))),
        ])
          if (bytes.includes(text)) present.push(curve);
      const { report, status } = await scanJson([core]);
      expect(status).toBe(1);
      found = report.findings.filter(({ ruleId }) => ruleId === 'private-key-number');
    }),
  );

  test('has no scalar in plain bytes or as text', () => expect(present).toEqual([]));

  test.each(held)('yields its key on $curve', (each) => {
    const [finding, ...others] = found.filter((one) => JSON.stringify(one).includes(idOf(each)));
    expect(others).toEqual([]);
    expect(finding?.proof).toContain('d*G = Q');
    expect(finding?.occurrences.map(({ encoding }) => encoding)).toContain('v8-smi26');
  });

  test('yields no nonce of what it signed', () => {
    const keys = held.map(idOf);
    expect(found.filter((one) => !keys.some((id) => JSON.stringify(one).includes(id)))).toEqual([]);
    expect(found).toHaveLength(held.length);
  });
});

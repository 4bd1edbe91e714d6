import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { canonicalSpki, sha256Hex } from '../../src/asn1/spki.js';
import { spkiOf } from '../search/harness.js';
import { ecFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget } from '../support/processes.js';
import { writePrivate } from '../support/secrets.js';

/** Where the library is installed: the process that a test starts runs in another folder. */
const require = createRequire(import.meta.url);
const ELLIPTIC = require.resolve('elliptic');

/**
 * Reads a scalar, wipes what it read, and signs three digests with the library, which are kept: a nonce whose digest is gone is told as a key. The private
 * key is kept by the library alone, as no text.
 */
const SIGNER = `
const { createHash } = require('node:crypto');
const { readFileSync, rmSync } = require('node:fs');
const [library, path, curve] = process.argv.slice(1);
const { ec } = require(library);
const bytes = readFileSync(path);
rmSync(path);
const key = new ec(curve).keyFromPrivate(bytes);
bytes.fill(0);
key.getPublic();
const digests = ['one', 'two', 'three'].map((text) => createHash('sha256').update(text).digest());
globalThis.kept = { key, digests, signatures: digests.map((digest) => key.sign(digest)) };
gc();
gc();
console.log('ready');
setInterval(() => {}, 1000);
`;

const CURVES = [
  { curve: 'secp256k1', openssl: 'secp256k1', library: 'secp256k1', size: 32 },
  { curve: 'P-256', openssl: 'prime256v1', library: 'p256', size: 32 },
  { curve: 'P-384', openssl: 'secp384r1', library: 'p384', size: 48 },
  { curve: 'P-521', openssl: 'secp521r1', library: 'p521', size: 66 },
];

describeWith(['gdb'], 'a core of a program with the library elliptic', () => {
  test.each(CURVES)(
    'gives its key on $curve, and no nonce of what it signed',
    ({ curve, openssl, library, size }) =>
      withTempDir(async (folder) => {
        const { key, d } = ecFrom('elliptic', curve, openssl, size);
        const path = writePrivate(folder, 'key', d);
        const target = await startTarget(
          process.execPath,
          ['--expose-gc', '-e', SIGNER, ELLIPTIC, path, library],
          {
            cwd: folder,
            ready: 'ready',
          },
        );
        let core: string;
        try {
          core = await gcore(target.pid, folder);
        } finally {
          await target.stop();
        }
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

import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sha256Hex } from '../../src/core/asn1/spki.js';
import { publishedOf } from '../../src/prove/published.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { CRASHPAD_HANDLER, library, program } from '../support/programs.js';

/** SHA-256 of the SubjectPublicKeyInfo of every listed key of this source. */
const listed = (source: string) =>
  [...publishedOf('spki-sha256')].filter(([, from]) => from.startsWith(source)).map(([hash]) => hash);

/**
 * Every private key in the binary is on the list, and was either proven or, without its public half next to
 * it, identified by the computed public half. Another version may have fewer keys than the list, never
 * others.
 */
async function expectPublished(path: string, source: string, least: number): Promise<void> {
  const { status, report } = await scanJson([path]);
  const keys = report.findings.filter(({ kind, key }) => kind === 'private-key' && key !== undefined);
  const found = keys.map(({ key }) => key?.spkiSha256);
  expect(found.length).toBeGreaterThanOrEqual(least);
  expect(found.filter((hash) => !listed(source).includes(String(hash)))).toEqual([]);
  expect(
    keys.filter(({ severity, reason }) => severity !== 'info' || reason !== 'published-test-key'),
  ).toEqual([]);
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'nothing-found' });
}

describeWith(['libgnutls.so.30'], "GnuTLS's self-test keys", () => {
  test('are the published ones', async () => {
    expect(listed('GnuTLS self-test').length).toBe(9);
    await expectPublished(library('libgnutls.so.30'), 'GnuTLS self-test', 7);
  });
});

describeWith(['openssl'], 'the keys of openssl speed', () => {
  test('are the published ones', async () => {
    expect(listed('openssl speed').length).toBe(7);
    await expectPublished(program('openssl'), 'openssl speed', 6);
  });
});

describeWith(['chrome_crashpad_handler'], "the key of Chromium's virtual authenticator", () => {
  test('is the published one, and the only one', async () => {
    await expectPublished(join(dirname(CRASHPAD_HANDLER), 'chromium'), 'FIDO', 1);
  });
});

describeWith(['go'], "the key of Go's httptest", () => {
  test('is a published one', () => {
    const root = execFileSync(program('go'), ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
    const source = readFileSync(join(root, 'src/net/http/internal/testcert/testcert.go'), 'latin1');
    const block = /-----BEGIN RSA TESTING KEY-----\n([^-]+)-----END/.exec(source);
    const der = Buffer.from(block?.[1] ?? '', 'base64');
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    const hash = sha256Hex(key.export({ type: 'spki', format: 'der' }));
    expect(listed('Go, net/http/internal/testcert')).toContain(hash);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { findingsIn } from './memory-findings.js';

/** Private keys inside files of services: one finding, proven, with the advice of the service. */

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const der = privateKey.export({ type: 'pkcs8', format: 'der' });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const account = {
  type: 'service_account',
  private_key_id: '0',
  private_key: pem,
  client_email: 'app@acme.iam.gserviceaccount.com',
};
const sorted = Object.fromEntries(Object.entries(account).sort(([a], [b]) => (a < b ? -1 : 1)));

const GOOGLE = ['google-service-account-key', 'private-key-pem'];
const FILES: readonly [what: string, text: string, rules: readonly string[]][] = [
  ['a service account', JSON.stringify(account, undefined, 2), GOOGLE],
  ['a service account in one line', JSON.stringify(account), GOOGLE],
  ['a service account with sorted names', JSON.stringify(sorted), GOOGLE],
  ['a service account inside JSON', JSON.stringify(JSON.stringify(account)), GOOGLE],
  [
    'a service account in base64',
    `\0GOOGLE_CREDENTIALS=${base64(JSON.stringify(account))}\0`,
    ['private-key-base64'],
  ],
  [
    'a kubeconfig file',
    `    client-key-data: ${base64(pem)}\n`,
    ['kubeconfig-client-key', 'named-secret:client-key', 'private-key-base64'],
  ],
  ['a secret of Kubernetes', `  tls.key: ${base64(pem)}\n`, ['private-key-base64', 'named-secret:key']],
];

describe.each(FILES)('%s', (_, text, [rule, ...also]) => {
  test.each(['latin1', 'utf16le'] as const)('in %s is one finding', async (encoding) => {
    const findings = await findingsIn([Buffer.from(text, encoding)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      ruleId: rule,
      confidence: 'proven',
      severity: 'critical',
      signing: true,
      counts: true,
      key: { algorithm: 'EC' },
    });
    expect(findings[0]!.alsoMatched).toEqual(also);
  });

  test('is one finding with the same key in DER', async () => {
    const findings = await findingsIn([der, Buffer.from(text)]);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual([rule]);
    expect(findings[0]!.occurrenceCount).toBe(2);
  });
});

test('a key in base64 without its end counts, unproven', async () => {
  const text = base64(pem);
  const findings = await findingsIn([Buffer.from(` ${text.slice(0, text.length - 40)} `)]);
  expect(findings.map(({ ruleId, confidence }) => [ruleId, confidence])).toEqual([
    ['private-key-base64', 'medium'],
  ]);
});

const HEX = '9f4a5d410afb5f2db032839669107579d7dad45932b123cc920f8c45547ee9cc';

test('a machine key is one finding', async () => {
  const text = `<machineKey validationKey="${HEX}" validation="HMACSHA256" />`;
  const findings = await findingsIn([Buffer.from(text)]);
  expect(findings.map(({ ruleId, alsoMatched }) => [ruleId, alsoMatched])).toEqual([
    ['aspnet-machine-key', ['named-secret:validation-key']],
  ]);
});

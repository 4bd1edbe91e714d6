import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openSshEd25519 } from '../../fixtures/openssh.js';
import { sshString } from '../../src/core/base/crypto/ssh-wire.js';
import { candidates, detect, noise, planted, records } from './harness.js';

/** Names of keys that are written beside them. */

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ed25519 = generateKeyPairSync('ed25519');
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const EMAIL = 'deploy@acme-prod.iam.gserviceaccount.com';
const KEY_ID = createHash('sha1').update('key').digest('hex');

const account = {
  type: 'service_account',
  project_id: 'acme-prod',
  private_key_id: KEY_ID,
  private_key: pem,
  client_email: EMAIL,
  client_id: '1234567890',
};

const namesOf = (text: string | Buffer, detector: string) =>
  candidates(detect(planted(Buffer.from(text), 61), [detector])).map(({ names }) => names);

describe('a file of a service account', () => {
  const all = { keyIds: [KEY_ID], accounts: [EMAIL] };
  const json = JSON.stringify(account);
  test.each<[string, string | Buffer]>([
    ['compact', json],
    ['indented', JSON.stringify(account, undefined, 2)],
    ['in a JSON string', JSON.stringify({ credentials: json })],
    ['in a JSON string in one', JSON.stringify({ outer: JSON.stringify({ credentials: json }) })],
    ['UTF-16', Buffer.from(json, 'utf16le')],
    ['with line ends', json.replaceAll('\\n', '\n')],
    ['YAML', `\nclient_email: ${EMAIL}\nprivate_key_id: ${KEY_ID}\nprivate_key: |\n${pem}`],
    ['variables', `\nclient_email=${EMAIL}\nprivate_key_id="${KEY_ID}"\nprivate_key='${pem}'\n`],
    [
      'beside another',
      `[{"client_email":"other@acme.example"},${json},{"client_email":"other@acme.example"}]`,
    ],
  ])('%s', (_, text) => {
    expect(namesOf(text, 'pem')).toEqual([all]);
  });

  test('other fields name nothing', () => {
    for (const field of ['client_email_verified', 'my_client_email', 'account_type', 'email', 'kids'])
      expect(namesOf(JSON.stringify({ private_key: pem, [field]: EMAIL }), 'pem')).toEqual([undefined]);
  });

  test('values that are none: empty, objects, too long, without an end', () => {
    for (const value of ['', {}, 7, 'a'.repeat(300)])
      expect(namesOf(JSON.stringify({ private_key: pem, kid: value }), 'pem')).toEqual([
        value === 7 ? { keyIds: ['7'] } : undefined,
      ]);
  });

  test('every cut of it: the key with the names that are left', () => {
    const bytes = Buffer.from(json);
    const [start, end] = [json.indexOf('-----BEGIN'), json.lastIndexOf('-----') + 5];
    for (let to = end; to < bytes.length; to += 3) {
      const [names] = namesOf(bytes.subarray(0, to), 'pem');
      for (const each of names?.accounts ?? []) expect(EMAIL).toBe(each);
    }
    for (let from = 0; from < start; from += 3) {
      const [names] = namesOf(bytes.subarray(from), 'pem');
      expect(names?.accounts).toEqual([EMAIL]);
    }
  });
});

describe('kid of a JSON Web Key', () => {
  const jwk = (key: KeyObject, kid: unknown) => JSON.stringify({ ...key.export({ format: 'jwk' }), kid });

  test('private, in a set', () => {
    const set = `{"keys":[${jwk(privateKey, 'signing-1')},${jwk(ed25519.privateKey, 'signing-2')}]}`;
    expect(namesOf(set, 'jwk')).toEqual([{ keyIds: ['signing-1'] }, { keyIds: ['signing-2'] }]);
  });

  test('public', () => {
    const found = records(detect(planted(Buffer.from(jwk(publicKey, 'signing-1')), 9), ['jwk']));
    expect(found.map(({ form, names }) => [form, names])).toEqual([['jwk', { keyIds: ['signing-1'] }]]);
  });

  test('of another type, or empty: none', () => {
    for (const kid of [7, null, '', '  ']) expect(namesOf(jwk(privateKey, kid), 'jwk')).toEqual([undefined]);
  });
});

describe('comments of SSH keys', () => {
  test('OpenSSH', () => {
    const text = openSshEd25519(ed25519.privateKey, 7, 'deploy@ci-1');
    expect(namesOf(text, 'pem')).toEqual([{ accounts: ['deploy@ci-1'] }]);
    const binary = Buffer.from(text.replace(/-----[^-]*-----|\n/g, ''), 'base64');
    expect(namesOf(binary, 'openssh')).toEqual([{ accounts: ['deploy@ci-1'] }]);
    expect(namesOf(openSshEd25519(ed25519.privateKey, 7, ''), 'pem')).toEqual([undefined]);
  });

  test('a line of authorized_keys', () => {
    const raw = Buffer.from(ed25519.publicKey.export({ format: 'jwk' }).x!, 'base64url');
    const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(raw)]).toString('base64');
    const lines: [string, string[] | undefined][] = [
      [' deploy@ci-1\n', ['deploy@ci-1']],
      [' ', undefined],
      ['\n', undefined],
      [' Deploy key of CI\nssh-ed25519 x', ['Deploy key of CI']],
      [`", "comment": "x"`, undefined],
    ];
    for (const [rest, accounts] of lines) {
      const text = Buffer.concat([noise(50), Buffer.from(`\nssh-ed25519 ${blob}${rest}`), Buffer.alloc(300)]);
      const found = records(detect(text, ['spki']));
      expect(found.map(({ names }) => names?.accounts)).toEqual([accounts]);
    }
  });
});

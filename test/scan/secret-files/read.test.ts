import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { FileEntry } from '../../../src/scan/secret-files/keys.js';
import { readEntries, readKeys } from '../../../src/scan/secret-files/read.js';
import fc from '../../support/property.js';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ed25519');
const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;
const spkiOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64');
const read = (content: string | Uint8Array) => readEntries(Buffer.from(content as string));

/** An entry without its secrets: type, label, public half, and whether it has the private half. */
function shown(entry: FileEntry): string {
  const rest: { [T in FileEntry['type']]: (entry: Extract<FileEntry, { type: T }>) => string } = {
    key: ({ spki, holder }) => {
      const isPair = Buffer.from(spki).toString('base64') === spkiOf(pair.publicKey);
      return `${isPair ? 'pair' : 'other'}${holder ? ' private' : ''}`;
    },
    value: ({ value, setting }) => `${value.length}${setting ? ' setting' : ''}`,
    digest: ({ spkiSha256 }) => spkiSha256.slice(0, 8),
    'ssh-fingerprint': ({ sshFingerprint }) => sshFingerprint.slice(0, 11),
    unread: () => '',
  };
  return `${entry.type} [${entry.label}] ${(rest[entry.type] as (entry: FileEntry) => string)(entry)}`;
}

const hex = createHash('sha256').update('digest').digest('hex');
const print = `SHA256:${createHash('sha256').update('ssh').digest('base64').slice(0, 43)}`;
const secret = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);
const privatePem = pem(pair.privateKey);
const jwk = pair.privateKey.export({ format: 'jwk' });
const publicJwk = other.publicKey.export({ format: 'jwk' });
const manifest = {
  kind: 'Secret',
  metadata: { name: 'web' },
  data: { 'tls.key': Buffer.from(privatePem).toString('base64'), short: 'YWJj' },
  stringData: { password: secret(12) },
};

const rows: [name: string, content: string | Uint8Array, expected: string[]][] = [
  ['a public PEM', pem(pair.publicKey), ['key [] pair']],
  ['a private PEM', privatePem, ['key [] pair private']],
  ['SEC 1', pair.privateKey.export({ type: 'sec1', format: 'pem' }), ['key [] pair private']],
  ['both halves are one entry', `${pem(pair.publicKey)}${privatePem}`, ['key [] pair private']],
  ['two keys', `${privatePem}${pem(other.publicKey)}`, ['key [] pair private', 'key [] other']],
  ['private DER', pair.privateKey.export({ type: 'pkcs8', format: 'der' }), ['key [] pair private']],
  ['public DER', pair.publicKey.export({ type: 'spki', format: 'der' }), ['key [] pair']],
  ['a private JWK', JSON.stringify({ ...jwk, kid: 'k1' }), ['key [k1] pair private']],
  [
    'a JWKS with a symmetric key',
    JSON.stringify({ keys: [publicJwk, { kty: 'oct', kid: 'h', k: secret(43) }] }),
    ['key [] other', 'value [h] 32'],
  ],
  ['a service account', JSON.stringify({ private_key: privatePem }), ['key [private_key] pair private']],
  ['a Secret', stringify(manifest), ['key [web/tls.key] pair private', 'value [web/password] 12']],
  [
    'a List in JSON',
    JSON.stringify({ kind: 'List', items: [manifest] }),
    ['key [web/tls.key] pair private', 'value [web/password] 12'],
  ],
  [
    'an .env',
    [
      '# settings',
      'NODE_ENV=production',
      'PORT=8080',
      'LOG_DIR=/var/log/app',
      'HOST=db.internal.example:5432',
      `export TOKEN='${secret(20)}' # comment`,
      `KEY="${privatePem.replaceAll('\n', '\\n')}"`,
      `ONE_LINE=${Buffer.from(pem(other.privateKey)).toString('base64')}`,
      `DATABASE=postgres://app:${'pw%2F'}${'correct9'}@db/app`,
    ].join('\n'),
    [
      'value [NODE_ENV] 10 setting',
      'value [LOG_DIR] 12 setting',
      'value [HOST] 24 setting',
      'value [TOKEN] 20',
      'key [ONE_LINE] other private',
      'value [DATABASE] 35',
      'value [DATABASE, password in the URL] 11',
      'key [KEY] pair private',
    ],
  ],
  [
    'digests',
    [
      `sha256:${hex} prod`,
      hex.toUpperCase().replaceAll('A', 'B'),
      `v1:${hex.replace(/^./, 'f')}`,
      `256 ${print} me@host (ED25519)\n`,
    ].join('\n'),
    [
      `digest [prod] ${hex.slice(0, 8)}`,
      `digest [] ${hex.replaceAll('a', 'b').slice(0, 8)}`,
      `digest [] f${hex.slice(1, 8)}`,
      `ssh-fingerprint [me@host (ED25519)] ${print.slice(0, 11)}`,
    ],
  ],
  ...[
    (pin: string) => `Public-Key-Pins: max-age=3000; pin-sha256="${pin}"; includeSubDomains`,
    (pin: string) => `sha256//${pin}`,
    (pin: string) => `.add("example.com", "sha256/${pin}")`,
    (pin: string) => `    <pin digest="SHA-256">${pin}</pin>`,
  ].map((write): [string, string, string[]] => [
    `a pin as ${write('…')}`,
    `${write(Buffer.from(hex, 'hex').toString('base64'))}\n`,
    [`digest [] ${hex.slice(0, 8)}`],
  ]),
  [
    'a pin that is too short',
    `sha256//${Buffer.from(hex, 'hex').toString('base64').slice(2)}`,
    ['unread [line 1] '],
  ],
  ['prose', 'hello world, this is no secret', ['unread [line 1] ']],
  ['nothing', '', []],
  ['binary', Buffer.concat([Buffer.of(1, 0, 2), randomBytes(64)]), []],
  [
    'a damaged PEM',
    privatePem.replace(/[A-Za-z0-9+/]{20}/, 'AAAA'),
    ['unread [the PEM block 1 (PRIVATE KEY: cannot be read)] '],
  ],
];

describe('entries of a file', () => {
  test.each(rows)('%s', async (_, content, expected) => {
    expect((await read(content)).map(shown)).toEqual(expected);
  });

  test.each([
    ['production', true],
    ['Europe/Berlin', false],
    ['us-east-1', false],
    ['https://api.example.com/v', true],
    ['redis://cache-2:6379', true],
    ['cache.internal', true],
    ['ops@example.com', true],
    ['10.0.0.1:8080', true],
    ['/etc/ssl/certs/ca.pem', true],
    ['1500237894', true],
    ['hGkWzQpLmXv', false],
    ['deadbeef01234567', false],
    ['sk-live-x7abc9q', false],
    [`SG.${'abcdefgh'}.ijklmnopq1`, false],
    ['https://hooks.example.com/services/T0A1B2', false],
  ])('%s is taken for a setting: %s', async (value, setting) => {
    expect(await read(`A=${value}\n`)).toMatchObject([{ type: 'value', setting }]);
    expect(await read(`API_TOKEN=${value}\n`)).toMatchObject([{ type: 'value', setting: false }]);
  });

  test('the private half is the input of a detector', async () => {
    const [entry] = await read(`prelude\n${privatePem}`);
    expect(entry?.type === 'key' && Buffer.from(entry.holder!.reveal()).toString()).toBe(privatePem);
  });

  test('an encrypted OpenSSH or PKCS#8 key has no private half', async () => {
    const sealed = pair.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect((await read(sealed as string)).map(({ type }) => type)).toEqual(['unread']);
  });

  const sealedPem = pair.privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }) as string;
  const publicDer = pair.publicKey.export({ type: 'spki', format: 'der' });
  const jwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }));
  const KIND = ['PRIVATE', 'KEY'].join(' ');
  const unread: [name: string, content: string | Uint8Array, label: RegExp][] = [
    [
      'an encrypted block',
      `${privatePem}${sealedPem}`,
      /^the PEM block 2 \(ENCRYPTED PRIVATE KEY: encrypted\)$/,
    ],
    [
      'a block encrypted as in RFC 1421',
      `${privatePem}-----BEGIN RSA ${KIND}-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA ${KIND}-----\n`,
      /^the PEM block 2 \(RSA PRIVATE KEY: encrypted\)$/,
    ],
    [
      'a cut block',
      `${privatePem}${privatePem.slice(0, 120)}`,
      /^the PEM block 2 \(PRIVATE KEY: encrypted, cut/,
    ],
    [
      'a damaged block',
      `${pem(pair.publicKey).replace('MF', 'AA')}${privatePem}`,
      /^the PEM block 1 \(PUBLIC KEY: cannot/,
    ],
    [
      'a JWK of an unknown type',
      `{"keys":[${jwk},{"kty":"AKP","kid":"pq"}]}`,
      /^the JWK pq \(of an unknown type/,
    ],
    ['a JWK without its number', `[${jwk},{"kty":"oct"}]`, /^the JWK without a kid/],
    [
      'lines that are not digests',
      `# ours\n\nsha256:${hex}\nsha256:${hex.slice(1)}\nnonsense\n`,
      /^lines 4, 5$/,
    ],
    ['a line in an .env', `TOKEN=${secret(30)}\nexport A=\nTOKEN ${secret(30)}\n`, /^line 3$/],
    ['bytes after DER', Buffer.concat([publicDer, publicDer]), /^91 bytes after the first key$/],
    [
      'a YAML document with an error',
      `kind: Secret\ndata:\n  a: ${btoa(secret(30))}\n---\nkind: [Secret\n`,
      /^the YAML document 2$/,
    ],
  ];
  test.each(unread)('%s is reported as not understood, and not quoted', async (_, content, label) => {
    const all = await read(content);
    expect(all.some(({ type }) => type !== 'unread')).toBe(true);
    expect(all.filter(({ type }) => type === 'unread').map((each) => each.label)).toEqual([
      expect.stringMatching(label),
    ]);
  });

  const understood: [name: string, content: string | Uint8Array][] = [
    [
      'parameters before a key',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${privatePem}`,
    ],
    ['text around blocks', `Bag Attributes\n    friendlyName: ours\n${privatePem}subject=CN = ours\n`],
    ['an .env with keys and comments', `# ours\nexport A="${secret(30)}"\nB=\nC='x y z'\n\n`],
    ['digests with names', `sha256:${hex} ours\n256 ${print} me@host (ECDSA)\n`],
    ['DER and a line end', Buffer.concat([publicDer, Buffer.from('\n')])],
    ['a JWKS', `{"keys":[${jwk}]}`],
  ];
  test.each(understood)('%s: all of it is understood', async (_, content) => {
    const all = await read(content);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(({ type }) => type === 'unread')).toEqual([]);
  });

  test('only keys are found in any text', () => {
    expect(readKeys(Buffer.from(`A=1\n${privatePem}`)).map(shown)).toEqual(['key [] pair private']);
    expect(readKeys(Buffer.from(`TOKEN=${secret(30)}`))).toEqual([]);
  });

  test('no warning quotes the file', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await read(`kind: Secret\ndata:\n  {a: [b]}: ${secret(20)}\n  ? {x: y}\n  : "\\q"\n`);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('any bytes are read without an error', async () => {
    const words = fc.constantFrom(
      '-----BEGIN PRIVATE KEY-----',
      '{"keys":[',
      'kind: Secret\n',
      'A="',
      'ssh-rsa ',
      '\n',
    );
    const texts = fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }).map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        for (const { label } of await read(text)) expect(typeof label).toBe('string');
      }),
      { numRuns: 300 },
    );
  });
});

import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { candidates, detect, has, planted } from './harness.js';
import { jwkOf, keys, rsa } from './keys.js';

/** OpenPGP and PuTTY. */

function gpg(passphrase: string): Buffer {
  const home = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  // Else the agent measures for seconds how much work a passphrase may cost.
  writeFileSync(join(home, 'gpg-agent.conf'), 's2k-count 65536\n');
  const run = (...args: string[]) =>
    execFileSync(
      'gpg',
      [
        '--homedir',
        home,
        '--batch',
        '--quiet',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        passphrase,
        ...args,
      ],
      { stdio: 'pipe' },
    );
  try {
    run('--quick-generate-key', 'test', 'ed25519', 'sign', 'never');
    return run('--armor', '--export-secret-keys');
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
    rmSync(home, { recursive: true, force: true });
  }
}

(has('gpg', '--version') ? describe : describe.skip)('armored keys of gpg', () => {
  test.each([
    ['', 'private-key'],
    ['secret', 'encrypted-key'],
  ])('passphrase "%s"', (passphrase, kind) => {
    const text = gpg(passphrase).toString('latin1').trimEnd();
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(text, 'utf16le'),
      Buffer.from(JSON.stringify(text)),
    ]) {
      const found = candidates(detect(planted(bytes, 20)));
      expect(found.map((one) => [one.kind, one.partial, one.confidence, one.evidence])).toEqual([
        [kind, false, 'high', ['CRC-24 of the armor matches']],
      ]);
    }
    const damaged = text.replace(/\n=..../, '\n=AAAA');
    expect(candidates(detect(Buffer.from(damaged))).map((one) => [one.partial, one.evidence])).toEqual([
      [true, []],
    ]);
  });
});

const u32 = (n: number): Buffer => Buffer.from([n >>> 24, n >>> 16, n >>> 8, n]);
const str = (bytes: Uint8Array | string): Buffer =>
  Buffer.concat([u32(bytes.length), Buffer.from(bytes as Uint8Array)]);
const mpint = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'base64url');
  return str(bytes[0]! >= 128 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};
const lines = (bytes: Buffer): string[] => bytes.toString('base64').match(/.{1,64}/g)!;

/** A version 3 file as the manual's appendix C describes it. */
function putty(type: string, pub: Buffer, secret: Buffer, encryption = 'none'): string {
  const mac = createHmac('sha256', '')
    .update(Buffer.concat([...[type, encryption, 'me'].map((text) => str(text)), str(pub), str(secret)]))
    .digest('hex');
  const [one, two] = [lines(pub), lines(secret)];
  const derivation =
    encryption === 'none'
      ? []
      : [
          'Key-Derivation: Argon2id',
          'Argon2-Memory: 8192',
          'Argon2-Passes: 13',
          'Argon2-Parallelism: 1',
          'Argon2-Salt: 00',
        ];
  return [
    `PuTTY-User-Key-File-3: ${type}`,
    `Encryption: ${encryption}`,
    'Comment: me',
    `Public-Lines: ${one.length}`,
    ...one,
    ...derivation,
    `Private-Lines: ${two.length}`,
    ...two,
    `Private-MAC: ${mac}`,
    '',
  ].join('\r\n');
}

describe('PuTTY files', () => {
  const jwk = jwkOf(rsa);
  const files: [string, string, string][] = [
    [
      'RSA',
      'ssh-rsa',
      putty(
        'ssh-rsa',
        Buffer.concat([str('ssh-rsa'), mpint(jwk.e!), mpint(jwk.n!)]),
        Buffer.concat([jwk.d, jwk.p, jwk.q, jwk.qi].map((part) => mpint(part!))),
      ),
    ],
  ];
  const ed = jwkOf(keys.find(({ name }) => name === 'ed25519')!.key);
  files.push([
    'Ed25519',
    'ssh-ed25519',
    putty(
      'ssh-ed25519',
      Buffer.concat([str('ssh-ed25519'), str(Buffer.from(ed.x!, 'base64url'))]),
      str(Buffer.from(ed.d!, 'base64url')),
    ),
  ]);
  const ec = jwkOf(keys.find(({ name }) => name === 'P-256')!.key);
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(ec.x!, 'base64url'),
    Buffer.from(ec.y!, 'base64url'),
  ]);
  files.push([
    'EC P-256',
    'ecdsa-sha2-nistp256',
    putty(
      'ecdsa-sha2-nistp256',
      Buffer.concat([str('ecdsa-sha2-nistp256'), str('nistp256'), str(point)]),
      mpint(ec.d!),
    ),
  ]);

  test.each(files)('%s', (name, _, text) => {
    for (const bytes of [Buffer.from(text), Buffer.from(text, 'utf16le')]) {
      const found = candidates(detect(planted(bytes, 8)));
      expect(found.map((one) => [one.title, one.encoding, one.partial, one.evidence])).toEqual([
        [`${name} private key`, 'putty', false, ['Private-MAC matches']],
      ]);
      const { material } = found[0]!;
      const secret =
        material?.type === 'rsa'
          ? material.d
          : material?.type === 'ec'
            ? material.d
            : material?.type === 'okp'
              ? material.seed
              : undefined;
      const expected = name === 'RSA' ? jwk.d : name === 'Ed25519' ? ed.d : ec.d;
      expect(Buffer.from(secret!.reveal()).toString('hex')).toBe(
        Buffer.from(expected!, 'base64url')
          .toString('hex')
          .replace(name === 'Ed25519' ? /^$/ : /^(00)+/, ''),
      );
    }
  });

  test('encrypted', () => {
    const text = putty('ssh-ed25519', str('ssh-ed25519'), Buffer.alloc(48, 0xa5), 'aes256-cbc');
    expect(candidates(detect(Buffer.from(text))).map((one) => [one.kind, one.severity, one.title])).toEqual([
      ['encrypted-key', 'medium', 'encrypted PuTTY private key (Ed25519)'],
    ]);
  });
});

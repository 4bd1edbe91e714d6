import { execFileSync } from 'node:child_process';
import { createHmac, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { Characters } from '../../src/detect/core/characters.js';
import { prove } from '../../src/prove/prove.js';
import { candidates, detect, has, planted } from './harness.js';
import { jwkOf, keys, rsa } from './keys.js';

/** OpenPGP, PuTTY, BIND, minisign and signify. */

function gpg(passphrase: string): Buffer {
  // One in some thousand times gpg-agent rejects the key that it has just written ("Corrupted protection").
  for (let tries = 3; tries > 1; tries--) {
    try {
      return freshKey(passphrase);
    } catch (error) {
      if (!String(error).includes('Corrupted protection')) throw error;
    }
  }
  return freshKey(passphrase);
}

function freshKey(passphrase: string): Buffer {
  const home = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  // Without a count, the agent calibrates it for seconds.
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

/** A version 3 file (PuTTY manual, appendix C). */
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

const RSA_LINES = [
  ['Modulus', 'n'],
  ['PublicExponent', 'e'],
  ['PrivateExponent', 'd'],
  ['Prime1', 'p'],
  ['Prime2', 'q'],
  ['Exponent1', 'dp'],
  ['Exponent2', 'dq'],
  ['Coefficient', 'qi'],
] as const;

/** A file in the form of dnssec-keygen. */
function bind(algorithm: string, fields: readonly (readonly [string, string])[]): string {
  const base64 = (value: string) => Buffer.from(value, 'base64url').toString('base64');
  return [
    'Private-key-format: v1.3',
    `Algorithm: ${algorithm}`,
    ...fields.map(([name, value]) => `${name}: ${base64(value)}`),
    'Created: 20250101000000',
    '',
  ].join('\n');
}

describe('BIND files', () => {
  const jwk = jwkOf(rsa);
  const single = (name: string, algorithm: string) => {
    const { key } = keys.find((each) => each.name === name)!;
    return [key, bind(algorithm, [['PrivateKey', jwkOf(key).d!]])] as const;
  };
  const files: [string, KeyObject, string][] = [
    [
      'RSA',
      rsa,
      bind(
        '8 (RSASHA256)',
        RSA_LINES.map(([name, member]) => [name, jwk[member]!]),
      ),
    ],
    ['EC P-256', ...single('P-256', '13 (ECDSAP256SHA256)')],
    ['EC P-384', ...single('P-384', '14 (ECDSAP384SHA384)')],
    ['Ed25519', ...single('ed25519', '15 (ED25519)')],
    ['Ed448', ...single('ed448', '16 (ED448)')],
  ];
  const spki = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

  test.each(files)('%s', (name, key, text) => {
    const end = text.indexOf('Created');
    const lost = (count: number) => {
      const bytes = Buffer.from(text);
      bytes.fill(0x80, 0, count);
      return bytes;
    };
    // UTF-16, JSON, and freed memory: 16 bytes are lost, or all up to the middle of the second line.
    for (const [bytes, length] of [
      [Buffer.from(text), end],
      [Buffer.from(text, 'utf16le'), 2 * end],
      [Buffer.from(JSON.stringify(text).slice(1, -1)), undefined],
      [lost(16), undefined],
      [lost(25 + 8), undefined],
    ] as const) {
      const found = candidates(detect(planted(bytes, 8)));
      expect(found.map((one) => [one.title, one.encoding, one.partial, one.confidence])).toEqual([
        [`${name} private key`, 'bind', false, 'high'],
      ]);
      if (length !== undefined) expect(found[0]!.length).toBe(length);
      // The public key of a single scalar is computed; proving it needs another place of the dump.
      const proof = prove(found[0]!.material!);
      expect(proof.status).toBe(name === 'RSA' ? 'proven' : 'unproven');
      expect(proof.facts?.spki).toBe(spki(key).toString('base64'));
    }
  });

  test('an RSA key whose front is lost is partial', () => {
    const text = files[0]![2];
    const bytes = Buffer.from(text);
    bytes.fill(0x80, 0, text.indexOf('PrivateExponent') - 100);
    expect(candidates(detect(bytes)).map((one) => [one.title, one.partial])).toEqual([
      ['RSA private key', true],
    ]);
  });

  test.each([
    ['a file without a key', bind('8 (RSASHA256)', [])],
    ['an algorithm that is not known', bind('99 (SOMETHING)', [['PrivateKey', jwkOf(files[3]![1]).d!]])],
    ['a key of another length', bind('15 (ED25519)', [['PrivateKey', jwk.dp!]])],
    ['a format string', 'Private-key-format: v1.%u\nAlgorithm: %u (%s)\nPrivateKey: %s\n'],
    ['a prime alone', `x\nPrime1: ${jwk.p}\n`],
    ['lines without end', '\nPrime1: '.repeat(5000)],
    ['names without end', 'PrivateKey: '.repeat(5000)],
    ['values without end', `\nPrivateKey: ${'A'.repeat(4000)}`.repeat(20)],
  ])('%s is no key', (_name, text) => {
    expect(candidates(detect(Buffer.from(text)))).toEqual([]);
  });
});

describe('secret keys of minisign and signify', () => {
  const { d, x } = jwkOf(keys.find(({ name }) => name === 'ed25519')!.key);
  const [seed, shown] = [Buffer.from(d!, 'base64url'), Buffer.from(x!, 'base64url')];
  const [zeros, some] = [
    (length: number) => Buffer.alloc(length),
    (length: number) => Buffer.alloc(length, 0xa7),
  ];
  const minisign = (kdf: string, key: Buffer, limits = zeros(48)) =>
    Buffer.concat([Buffer.from(`Ed${kdf}B2`, 'latin1'), limits, some(8), key, some(32)]);
  const signify = (rounds: number, key: Buffer) =>
    Buffer.concat([Buffer.from('EdBK'), u32(rounds), some(32), key]);
  const text = (bytes: Buffer) => `untrusted comment: secret key\n${bytes.toString('base64')}\n`;
  const key = Buffer.concat([seed, shown]);
  const plain = [
    ['minisign', minisign('\0\0', key)],
    ['signify', signify(0, key)],
  ] as const;

  test.each(plain)('of %s are found, and proven by their public key', (name, bytes) => {
    const written = text(bytes);
    for (const each of [
      Buffer.from(written),
      Buffer.from(written, 'utf16le'),
      Buffer.from(JSON.stringify(written)),
      Buffer.from(bytes.toString('base64')),
    ]) {
      const found = candidates(detect(planted(each, 20)));
      expect(found.map((one) => [one.title, one.encoding, one.partial])).toEqual([
        ['Ed25519 private key', name, false],
      ]);
      expect(prove(found[0]!.material!).status).toBe('proven');
    }
  });

  test.each([
    ['minisign', minisign('Sc', some(64), some(48))],
    ['signify', signify(42, some(64))],
  ])('of %s with a passphrase are encrypted keys', (name, bytes) => {
    expect(
      candidates(detect(Buffer.from(text(bytes)))).map((one) => [
        one.kind,
        one.title,
        one.severity,
        one.partial,
      ]),
    ).toEqual([['encrypted-key', `encrypted ${name} secret key`, 'medium', false]]);
  });

  test.each(plain)('of %s are partial with a whole seed, and not found without it', (_name, bytes) => {
    const at = bytes.indexOf(seed);
    const found = (length: number) =>
      candidates(detect(Buffer.from(bytes.toString('base64').slice(0, Math.ceil((length * 4) / 3)))));
    expect(found(at + 32).map((one) => [one.title, one.partial])).toEqual([['Ed25519 private key', true]]);
    expect(found(at + 31)).toEqual([]);
  });

  test('are read no farther than their maximum length', () => {
    const text = Buffer.alloc(1 << 17, 'RWQAAEIy');
    const matching = jest.spyOn(Characters.prototype, 'endOfSpan');
    let read = 0;
    try {
      expect(candidates(detect(text)).length).toBeGreaterThan(100);
      for (const [i, { value }] of matching.mock.results.entries())
        read += (value as number) - matching.mock.calls[i]![1];
    } finally {
      matching.mockRestore();
    }
    expect(read).toBeLessThan(10 * text.length);
  });

  test.each(plain)('of %s with the public key of another key are not proven', (_name, bytes) => {
    const other = Buffer.from(bytes);
    other.fill(3, bytes.indexOf(shown), bytes.indexOf(shown) + 32);
    const [found] = candidates(detect(Buffer.from(text(other))));
    expect(prove(found!.material!).status).not.toBe('proven');
  });
});

import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Candidate } from '../../src/detect/core/types.js';
import { candidates, detect, has, planted } from './harness.js';
import { jwkOf } from './keys.js';

/** A private key of ssh-keygen, and its public key for node:crypto. */
function keygen(passphrase: string, ...type: string[]): { text: string; pub: KeyObject | undefined } {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  try {
    const path = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', ...type, '-N', passphrase, '-C', 'me@host', '-f', path], {
      stdio: 'pipe',
    });
    const ed25519 = type[0] === 'ed25519';
    const pub = ed25519
      ? undefined
      : execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', `${path}.pub`], { stdio: 'pipe' });
    return { text: readFileSync(path, 'latin1').trimEnd(), pub: pub && createPublicKey(pub) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const binary = (text: string): Buffer => Buffer.from(text.split('\n').slice(1, -1).join(''), 'base64');
const privateOf = ({ secret }: Candidate): KeyObject =>
  createPrivateKey({ key: Buffer.from(secret.reveal()), format: 'der', type: 'pkcs8' });

const types = [
  ['ed25519'],
  ['rsa', '-b', '2048'],
  ['ecdsa', '-b', '256'],
  ['ecdsa', '-b', '384'],
  ['ecdsa', '-b', '521'],
];

(has('ssh-keygen', '-?') ? describe : describe.skip)('keys of ssh-keygen', () => {
  test.each(types)('%s %s %s, the magic overwritten', (...type) => {
    const { text, pub } = keygen('', ...type.filter((word) => word !== undefined));
    const bytes = binary(text).fill(0xee, 0, 16);
    const [one, ...more] = candidates(detect(planted(bytes, 61)));
    expect([one?.offset, one?.encoding, one?.partial, more.length]).toEqual([61 + 19, 'openssh', true, 0]);
    const { secret } = candidates(detect(planted(binary(text), 61)))[0]!;
    expect(Buffer.from(one!.secret.reveal()).equals(Buffer.from(secret.reveal()))).toBe(true);
    if (pub !== undefined) expect(createPublicKey(privateOf(one!)).equals(pub)).toBe(true);
  });

  test.each(types)('%s %s %s', (...type) => {
    const { text, pub } = keygen('', ...type.filter((word) => word !== undefined));
    const bytes = binary(text);
    for (const [planting, length, encoding] of [
      [planted(bytes, 61), bytes.length, 'openssh'],
      [planted(Buffer.from(text), 61), text.length, 'pem'],
      [
        planted(Buffer.from(text.replaceAll('\n', '\\n')), 61),
        text.length + text.split('\n').length - 1,
        'pem',
      ],
    ] as const) {
      const found = candidates(detect(planting));
      expect(found.map((one) => [one.offset, one.length, one.encoding, one.partial, one.confidence])).toEqual(
        [[61, length, encoding, false, 'high']],
      );
      expect(found[0]!.evidence).toHaveLength(1);
      const key = privateOf(found[0]!);
      if (pub !== undefined) expect(createPublicKey(key).equals(pub)).toBe(true);
      const { material } = found[0]!;
      if (material?.type === 'okp')
        expect(Buffer.from(material.public!).toString('base64url')).toBe(jwkOf(key).x);
    }
  });

  test('encrypted with a passphrase', () => {
    const { text } = keygen('a passphrase', 'ed25519', '-a', '1');
    for (const bytes of [binary(text), Buffer.from(text)]) {
      const found = candidates(detect(planted(bytes, 9)));
      expect(found.map((one) => [one.kind, one.severity, one.offset, one.length, one.material])).toEqual([
        ['encrypted-key', 'medium', 9, bytes.length, undefined],
      ]);
    }
  });

  test('truncated after d of an RSA key, or before its private section', () => {
    const { text, pub } = keygen('', 'rsa', '-b', '2048');
    const bytes = binary(text);
    const [cut] = candidates(detect(planted(bytes.subarray(0, bytes.length - 400), 5, 0)));
    expect([cut?.partial, cut?.material?.type === 'rsa' && cut.material.d !== undefined]).toEqual([
      true,
      true,
    ]);
    const [tail] = candidates(detect(Buffer.concat([Buffer.of(1), Buffer.from(text.slice(420))])));
    expect([tail?.partial, tail?.encoding]).toEqual([true, 'pem']);
    expect(createPublicKey(privateOf(tail!)).equals(pub!)).toBe(true);
    const front = detect(bytes.subarray(0, 600));
    expect(candidates(front)).toEqual([]);
    // Its public key is left, in the format of SSH.
    expect(front.map(({ type }) => type)).toEqual(['public']);
  });

  test('different check words: confidence low', () => {
    const bytes = binary(keygen('', 'ed25519').text);
    const at = bytes.lastIndexOf('ssh-ed25519') - 8;
    bytes[at]! ^= 1;
    expect(candidates(detect(bytes)).map((one) => [one.confidence, one.evidence, one.notes.length])).toEqual([
      ['low', [], 1],
    ]);
  });
});

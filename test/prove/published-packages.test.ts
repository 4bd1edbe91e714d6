import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { documentationSecrets, documentedIn } from '../../src/prove/documentation-secrets.js';
import { identifySecret } from '../../src/prove/fingerprint.js';
import { publishedFingerprint, publishedOf } from '../../src/prove/published.js';

const lines = readFileSync(asset('src/prove/published-packages.txt'), 'utf8').trimEnd().split('\n');
const isSource = (line: string): boolean => line.startsWith('= ');
const identities = lines.filter((line) => !isSource(line));

describe('identities of keys in packages', () => {
  test('each is the first half of a fingerprint, once, below the name and version of its package', () => {
    expect(lines.filter((line) => !/^(= [a-z0-9].* \([\w ]+\)|[0-9a-f]{32})$/.test(line))).toEqual([]);
    expect(isSource(lines[0]!)).toBe(true);
    expect(lines.filter((line, i) => isSource(line) && (lines[i + 1] ?? '= ').startsWith('= '))).toEqual([]);
    expect(new Set(identities).size).toBe(identities.length);
    expect(identities.length).toBeGreaterThan(2_000);
  });

  test('are in the order of their sources, and sorted below each', () => {
    const [first, ...sources] = lines.filter(isSource);
    expect(first).toBe('= jwt.io (its examples)');
    expect(sources).toEqual([...sources].sort());
    const sorted = lines
      .join('\n')
      .split(/^= .*\n/m)
      .slice(1);
    for (const group of sorted) {
      const own = group.trimEnd().split('\n');
      expect(own).toEqual([...own].sort());
    }
  });

  test.each(['oidc-provider', 'ssh2', 'mbedtls', 'openssh', 'bouncycastle', 'pyjwt', 'nss', 'python3.13'])(
    'are there of %s',
    (name) => {
      expect(lines.filter((line) => line.startsWith(`= ${name} `))).toHaveLength(1);
    },
  );

  test("include jwt.io's examples", () => {
    const encode = (text: string) => Buffer.from(text).toString('base64url');
    const signed = [
      '{"alg":"HS256","typ":"JWT"}',
      '{"sub":"1234567890","name":"John Doe","iat":1516239022}',
    ].map(encode);
    const mac = createHmac('sha256', 'your-256-bit-secret').update(signed.join('.')).digest('base64url');
    const { fingerprint } = identifySecret(Secret.text([...signed, mac].join('.')));
    expect(publishedFingerprint(fingerprint!)).toMatch(/jwt\.io/);
  });

  test('a fingerprint of no package is not published', () => {
    expect(publishedFingerprint(`v1:${'0'.repeat(64)}`)).toBeUndefined();
    const halves = new Set(identities);
    // The list of specifications has its own text for a key that packages have too.
    expect([...publishedOf('spki-sha256').keys()].some((hash) => halves.has(hash.slice(0, 32)))).toBe(true);
  });
});

describe('secrets of documentation', () => {
  const secrets = [...documentationSecrets()];

  test('are few: each is tried on every token', () => {
    expect(secrets.length).toBeLessThan(500);
    expect(new Set(secrets.map(({ key }) => key.toString('hex'))).size).toBe(secrets.length);
  });

  test.each(['secret', 'your-256-bit-secret', 'your-secret-key', 'changeme', 'keyboard cat'])(
    '%s',
    (word) => {
      expect(documentedIn(Buffer.from(word))).toEqual(expect.any(String));
    },
  );

  test('other words are none', () => {
    expect(documentedIn(Buffer.from('horse-battery'))).toBeUndefined();
  });
});

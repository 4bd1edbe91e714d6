import { createHash, createPublicKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { x25519From } from '../search/seeded.js';
import { findingsIn } from './memory-findings.js';

const key = x25519From('wireguard');
const { d, x } = key.export({ format: 'jwk' });
const [seed, shown] = [d, x].map((part) => Buffer.from(part!, 'base64url')) as [Buffer, Buffer];
// Written as by `wg genkey` (RFC 7748, section 5).
seed[0]! &= 0xf8;
seed[31] = (seed[31]! & 0x7f) | 0x40;

const TEXTS = {
  base64: ['wireguard-private-key', `PrivateKey = ${seed.toString('base64')}\n`],
  hex: ['wireguard-protocol-key', `private_key=${seed.toString('hex')}\n`],
} as const;

const spkiSha256 = createHash('sha256')
  .update(createPublicKey(key).export({ format: 'der', type: 'spki' }))
  .digest('hex');

test.each(Object.entries(TEXTS))(
  'a WireGuard key in %s is one finding with its other forms',
  async (encoding, [rule, text]) => {
    const findings = await findingsIn([Buffer.from(text), seed, shown]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      confidence: 'proven',
      severity: 'high',
      counts: true,
      key: { spkiSha256 },
    });
    expect([findings[0]!.ruleId, ...findings[0]!.alsoMatched].sort()).toEqual([
      'key-agreement-number',
      'named-secret:private-key',
      rule,
    ]);
    expect(findings[0]!.occurrences.map((each) => each.encoding).sort()).toEqual(
      [encoding, 'bytes-be'].sort(),
    );
  },
);

test.each(Object.entries(TEXTS))(
  'in %s alone it is identified by its text, with the public half computed from it',
  async (encoding, [rule, text]) => {
    const [finding, ...more] = await findingsIn([Buffer.from(text)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      ruleId: rule,
      confidence: 'high',
      counts: true,
      key: { spkiSha256, encoding },
      fingerprint: `v1:${spkiSha256}`,
    });
    expect(finding!.proof).toEqual(['is a clamped Curve25519 scalar']);
  },
);

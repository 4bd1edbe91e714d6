import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/core/model/report.js';
import { ecFrom, x25519From } from '../search/seeded.js';
import { findingsIn as allFindingsIn } from './memory-findings.js';

/** A pair, its private bytes, and its public ones as in a handshake. */
function pairOf(type: 'P-256' | 'X25519') {
  const key: KeyObject =
    type === 'P-256' ? ecFrom('ephemeral', 'P-256', 'prime256v1', 32).key : x25519From('ephemeral');
  const { d, x, y } = key.export({ format: 'jwk' });
  const [secret, u, v] = [d, x, y ?? ''].map((part) => Buffer.from(part!, 'base64url')) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const shown = type === 'P-256' ? Buffer.concat([Buffer.of(4), u, v]) : u;
  const group = type === 'P-256' ? 23 : 29;
  return { key, secret, shown, group };
}

/** RFC 4251, section 5. */
function sshString(octets: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, octets.length), octets]);
}

/** IKEv2's payload (RFC 7296, 3.4), with bare coordinates. */
function ikePayload(group: number, key: Buffer): Buffer {
  const header = Buffer.from([40, 0, 0, 8 + key.length, 0, group, 0, 0]);
  return Buffer.concat([header, key]);
}

const SENT: Readonly<Record<string, (group: number, shown: Buffer) => Buffer>> = {
  KeyShareEntry: (group, shown) => Buffer.concat([Buffer.of(0, group, 0, shown.length), shown]),
  ServerECDHParams: (group, shown) => Buffer.concat([Buffer.of(3, 0, group, shown.length), shown]),
  ClientKeyExchange: (_, shown) =>
    Buffer.concat([Buffer.of(16, 0, 0, shown.length + 1, shown.length), shown]),
  SSH_MSG_KEX_ECDH_INIT: (_, shown) => Buffer.concat([Buffer.of(30), sshString(shown)]),
  SSH_MSG_KEX_ECDH_REPLY: (_, shown) =>
    Buffer.concat([
      sshString(shown),
      sshString(Buffer.concat([sshString(Buffer.from('ssh-ed25519')), sshString(Buffer.alloc(64, 0xa7))])),
    ]),
  'Key Exchange Payload of IKE': (group, shown) =>
    group === 23 ? ikePayload(19, shown.subarray(1)) : ikePayload(31, shown),
};

const findingsIn = async (chunks: readonly Buffer[]): Promise<Finding[]> =>
  (await allFindingsIn(chunks, { failOn: 'low' })).filter(({ kind }) => kind === 'private-key');

describe.each(['P-256', 'X25519'] as const)('a key of %s', (type) => {
  const { key, secret, shown, group } = pairOf(type);

  test.each(Object.keys(SENT))('in a %s is ephemeral', async (form) => {
    const sent = Buffer.concat([Buffer.alloc(13, 0xc3), SENT[form]!(group, shown)]);
    // Also as in a library: coordinates of IKE cannot be distinguished from other bytes.
    const [finding, ...more] = await findingsIn([secret, sent, shown.subarray(-64)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      confidence: 'proven',
      severity: 'info',
      counts: false,
      reason: 'ephemeral',
    });
    expect(finding!.proof).toContain('its public key is part of a TLS, SSH or IKE handshake message');
  });

  test('is not ephemeral if its public half is found as a key too, or only as bytes', async () => {
    const sent = SENT.KeyShareEntry!(group, shown);
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    for (const chunks of [
      [secret, sent, spki],
      [secret, Buffer.concat([Buffer.of(9, 9, 9, 9), shown])],
      [secret, SENT.KeyShareEntry!(group + 1, shown)],
      [secret, ikePayload(20, shown.subarray(-64))],
      [secret, Buffer.concat([sshString(shown), sshString(Buffer.from('a string, and no signature'))])],
    ]) {
      const [finding] = await findingsIn(chunks);
      expect(finding).toMatchObject({ confidence: 'proven', counts: true });
    }
  });
});

test('a key whose public half is an SSH key is not: anyone can send that in a handshake', async () => {
  const { secret, shown, group } = pairOf('P-256');
  const text = (value: string | Buffer) =>
    Buffer.concat([Buffer.of(0, 0, 0, value.length), Buffer.from(value)]);
  const blob = Buffer.concat([text('ecdsa-sha2-nistp256'), text('nistp256'), text(shown)]);
  for (const chunks of [
    [secret, SENT.KeyShareEntry!(group, shown), blob],
    [secret, blob, SENT.ServerECDHParams!(group, shown)],
  ])
    expect((await findingsIn(chunks))[0]).toMatchObject({ confidence: 'proven', counts: true });
});

test('a key that verifies a token is not', async () => {
  const { key, secret, shown, group } = pairOf('P-256');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'ES256' })}.${encode({ sub: 'someone', iat: 1_764_000_000 })}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString(
    'base64url',
  );
  const token = Buffer.from(`\0${signed}.${signature}\0`);
  const [finding] = await findingsIn([secret, SENT.KeyShareEntry!(group, shown), token]);
  expect(finding).toMatchObject({ severity: 'critical', counts: true });
});

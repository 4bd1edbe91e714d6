import { createHash } from 'node:crypto';
import type { Curve } from '../core/asn1/curves.js';
import { OKP } from '../core/asn1/oids.js';
import { sha256Hex, spkiDsa, spkiEc, spkiOkp, spkiRsa } from '../core/asn1/spki.js';
import { bitLength } from '../core/base/bytes/integers.js';
import { sshMpint, sshString } from '../core/base/crypto/ssh-wire.js';
import type { DsaMaterial, EcMaterial, OkpMaterial } from '../core/model/key-material.js';
import type { KeyFacts } from '../core/model/report.js';

/** Public identity of a key, and the encoding of which its fingerprint is the hash. */
export interface PublicIdentity {
  facts: Omit<KeyFacts, 'encoding'>;
  canonicalSpki: Uint8Array;
}

/**
 * JWK thumbprint (RFC 7638): SHA-256 over the required members, in lexicographic order, without white space.
 */
function thumbprint(members: Record<string, string>): string {
  const sorted = Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** As printed by `ssh-keygen -l`: SHA-256 over the public key blob, base64 without padding. */
function sshFingerprint(...blob: Buffer[]): string {
  const digest = createHash('sha256').update(Buffer.concat(blob)).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function published(spki: Uint8Array): { spki: string; spkiSha256: string } {
  return { spki: Buffer.from(spki).toString('base64'), spkiSha256: sha256Hex(spki) };
}

/** `n` and `e` without leading zeros. */
export function rsaIdentity(
  n: Uint8Array,
  e: Uint8Array,
  pss?: { parameters: Uint8Array | undefined },
): PublicIdentity {
  return {
    canonicalSpki: spkiRsa(n, e),
    facts: {
      algorithm: pss ? 'RSA-PSS' : 'RSA',
      bits: bitLength(n),
      ...published(spkiRsa(n, e, pss)),
      jwkThumbprint: thumbprint({ kty: 'RSA', n: base64url(n), e: base64url(e) }),
      sshFingerprint: sshFingerprint(sshString('ssh-rsa'), sshMpint(e), sshMpint(n)),
    },
  };
}

/** `point` is uncompressed and on the curve; `written` is the public half as encoded in the key. */
export function ecIdentity(
  curve: Curve,
  point: Uint8Array,
  written: Pick<EcMaterial, 'point' | 'explicit'> = {},
): PublicIdentity {
  const half = (point.length - 1) / 2;
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)];
  return {
    canonicalSpki: spkiEc(curve, point),
    facts: {
      algorithm: 'EC',
      bits: curve.bits,
      curve: curve.name,
      ...published(spkiEc(curve, written.point ?? point, written.explicit)),
      ...(curve.jwk && {
        jwkThumbprint: thumbprint({ kty: 'EC', crv: curve.jwk, x: base64url(x), y: base64url(y) }),
      }),
      ...(curve.ssh && {
        sshFingerprint: sshFingerprint(
          sshString(`ecdsa-sha2-${curve.ssh}`),
          sshString(curve.ssh),
          sshString(point),
        ),
      }),
    },
  };
}

export function okpIdentity(curve: OkpMaterial['curve'], publicKey: Uint8Array): PublicIdentity {
  const spki = spkiOkp(curve, publicKey);
  return {
    canonicalSpki: spki,
    facts: {
      algorithm: curve,
      bits: OKP[curve].bits,
      curve,
      ...published(spki),
      jwkThumbprint: thumbprint({ kty: 'OKP', crv: curve, x: base64url(publicKey) }),
      ...(curve === 'Ed25519' && {
        sshFingerprint: sshFingerprint(sshString('ssh-ed25519'), sshString(publicKey)),
      }),
    },
  };
}

export function dsaIdentity(key: Required<Pick<DsaMaterial, 'p' | 'q' | 'g' | 'y'>>): PublicIdentity {
  const spki = spkiDsa(key);
  return {
    canonicalSpki: spki,
    facts: {
      algorithm: 'DSA',
      bits: bitLength(key.p),
      ...published(spki),
      sshFingerprint: sshFingerprint(
        sshString('ssh-dss'),
        sshMpint(key.p),
        sshMpint(key.q),
        sshMpint(key.g),
        sshMpint(key.y),
      ),
    },
  };
}

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Curve, curveByName } from '../../core/asn1/curves.js';
import { DOMAINS, type Domain } from '../../core/asn1/domain.js';
import { readSpki } from '../../core/asn1/spki.js';
import { padded } from '../../core/base/bytes/integers.js';
import type { WireSignature } from './wire-signatures.js';

/** A signature, and the file offset of its first byte. */
export type PlacedSignature = WireSignature & { offset: number };

/** The hash that SSH uses with a curve (RFC 5656, 6.2.1). */
const SSH_HASHES: Readonly<Record<string, string>> = {
  nistp256: 'sha256',
  nistp384: 'sha384',
  nistp521: 'sha512',
};

/** A public key on a curve. */
export interface Signer {
  spki: Uint8Array;
  key: KeyObject;
  type: WireSignature['type'];
  /** `P-256`, `Ed25519`. */
  name: string;
  /** Octets of r and of s; 0 for EdDSA. */
  octets: number;
  ssh: string | undefined;
  /** Its curve, if the kernel has it, and its uncompressed point. */
  multiplied?: { curve: Curve; domain: Domain; point: Uint8Array };
}

/** The key of a SubjectPublicKeyInfo; empty if it is not on a curve that is known here. */
export function signerOf(spki: Uint8Array): Signer[] {
  const publicKey = readSpki(spki)?.key;
  const curve = publicKey?.type === 'ec' ? curveByName(publicKey.curve) : undefined;
  const edwards = publicKey?.type === 'okp' && !publicKey.curve.startsWith('X') ? publicKey.curve : undefined;
  if (curve === undefined && edwards === undefined) return [];
  const type = curve ? 'ec' : edwards === 'Ed448' ? 'ed448' : 'ed25519';
  const name = curve?.name ?? edwards!;
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const domain = DOMAINS.find((each) => each.name === name);
    const multiplied = publicKey?.type === 'ec' &&
      curve &&
      domain && { curve, domain, point: publicKey.point };
    return [
      {
        ...{ spki, key, type, name, octets: curve?.scalar ?? 0, ssh: SSH_HASHES[curve?.ssh ?? ''] },
        ...(multiplied && { multiplied }),
      },
    ];
  } catch {
    // This Node's OpenSSL lacks the curve.
    return [];
  }
}

/**
 * True if the key may have made the signature. r and s are as long as the order, except for leading zeros.
 */
export function fits({ type, protocol, parts }: WireSignature, signer: Signer): boolean {
  if (type !== signer.type) return false;
  if (type !== 'ec') return true;
  if (protocol === 'SSH' && signer.ssh === undefined) return false;
  return parts.every(({ length }) => length <= signer.octets && length > signer.octets - 4);
}

/** The hash of a signature by the key; none for EdDSA. */
export const hashOf = (signature: WireSignature, signer: Signer): string | undefined =>
  signature.type === 'ec' ? (signature.hash ?? signer.ssh) : undefined;

/** The signature with halves of full length, as it is verified and reported. */
export const joinedParts = ({ parts }: WireSignature, signer: Signer): Buffer =>
  Buffer.concat(parts.map((part) => padded(part, signer.octets)));

export function verifies(signature: WireSignature, signer: Signer, message: Buffer): boolean {
  const { key } = signer;
  try {
    const hash = hashOf(signature, signer) ?? null;
    return verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, joinedParts(signature, signer));
  } catch {
    return false;
  }
}

import { curveByName } from '../../../core/asn1/curves.js';

/** Named groups of TLS: RFC 8446, 4.2.7; RFC 8422, 5.1.1; Brainpool in RFC 7027 and RFC 8734. */
const GROUPS: Readonly<Record<string, readonly number[]>> = {
  'P-256': [23],
  'P-384': [24],
  'P-521': [25],
  brainpoolP256r1: [26, 31],
  brainpoolP384r1: [27, 32],
  brainpoolP512r1: [28, 33],
  X25519: [29],
};

const NAMED_CURVE = 3;
const CLIENT_KEY_EXCHANGE = 16;

/**
 * True if the public key of `length` bytes at `at` is in a TLS handshake message, so that its private key was
 * made for one handshake: KeyShareEntry (RFC 8446, 4.2.8), ServerECDHParams (RFC 8422, 5.4), or
 * ClientKeyExchange (5.7).
 */
export function isTlsKeyShare(bytes: Buffer, at: number, length: number, curve: string): boolean {
  const groups = GROUPS[curve];
  if (groups === undefined || at < 5) return false;
  const named = (index: number): boolean => groups.includes(bytes.readUInt16BE(index));
  if (bytes.readUInt16BE(at - 2) === length && named(at - 4)) return true;
  if (bytes[at - 1] !== length) return false;
  if (bytes[at - 4] === NAMED_CURVE && named(at - 3)) return true;
  return bytes[at - 5] === CLIENT_KEY_EXCHANGE && bytes.readUIntBE(at - 4, 3) === length + 1;
}

/** Groups of IKE: P-256 to P-521 in RFC 5903, Brainpool in RFC 6954, Curve25519 in RFC 8031. */
const IKE_GROUPS: Readonly<Record<string, number>> = {
  'P-256': 19,
  'P-384': 20,
  'P-521': 21,
  brainpoolP256r1: 28,
  brainpoolP384r1: 29,
  brainpoolP512r1: 30,
  X25519: 31,
};

/** Octets before the key in the payload of IKEv2, and the flag that may be set among its reserved bits. */
export const IKE_HEADER_BYTES = 8;
const CRITICAL = 0x80;

/**
 * The same for the Key Exchange Payload of IKEv2 (RFC 7296, 3.4): length, group and reserved octets precede
 * the key, which is a point without its format octet (RFC 5903, section 7). At least {@link IKE_HEADER_BYTES}
 * bytes must be readable before `at`.
 */
export function isIkeKeyExchange(bytes: Buffer, at: number, length: number, curve: string): boolean {
  return (
    bytes.readUInt16BE(at - 6) === IKE_HEADER_BYTES + length &&
    bytes.readUInt16BE(at - 4) === IKE_GROUPS[curve] &&
    bytes.readUInt16BE(at - 2) === 0 &&
    (bytes[at - 7]! | CRITICAL) === CRITICAL
  );
}

/**
 * SSH_MSG_KEX_ECDH_INIT (RFC 5656, section 4; RFC 8731 for X25519), and prefixes of signature algorithm
 * names.
 */
const KEX_ECDH_INIT = 30;
const SIGNATURES = ['ssh-', 'rsa-sha2-', 'ecdsa-sha2-'];
const MAX_NAME_BYTES = 64;

/** Octets after a key that identify the server's reply: two lengths and the start of a name. */
export const SSH_REPLY_BYTES = 8 + Math.max(...SIGNATURES.map(({ length }) => length));

/**
 * The same for the key exchange of SSH: a string after the message number of the client, or before the
 * signature at the end of the server's reply. At least 5 bytes must be readable before `at`, and {@link
 * SSH_REPLY_BYTES} after the key.
 */
export function isSshKeyExchange(bytes: Buffer, at: number, length: number): boolean {
  if (bytes.readUInt32BE(at - 4) !== length) return false;
  if (bytes[at - 5] === KEX_ECDH_INIT) return true;
  const end = at + length;
  const name = bytes.readUInt32BE(end + 4);
  return (
    name <= MAX_NAME_BYTES &&
    bytes.readUInt32BE(end) > name + 8 &&
    SIGNATURES.some((start) => bytes.toString('latin1', end + 8, end + 8 + start.length) === start)
  );
}

/**
 * True if the point of `length` bytes at `at`, with `before` readable bytes before it, is in an SSH public
 * key (RFC 5656, 3.1).
 */
export function isSshKey(bytes: Buffer, at: number, before: number, length: number, curve: string): boolean {
  const name = curveByName(curve)?.ssh;
  if (name === undefined || before < 4 + name.length) return false;
  return (
    bytes.readUInt32BE(at - 4) === length && bytes.toString('latin1', at - 4 - name.length, at - 4) === name
  );
}

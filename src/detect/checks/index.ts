import { createHash } from 'node:crypto';
import { readPrivateKey } from '../../core/asn1/private-key.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { CheckName } from '../../rules/vocabulary.js';
import { readOpenSsh } from '../ssh/openssh-key.js';
import { azureCask, azureMarvin32, entraMarvin32 } from './azure.js';
import { BASE36, BASE62, toDigits } from './decimal-digits.js';
import type { TokenCheck } from './types.js';

const BITCOIN = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const RIPPLE = 'rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz';

/** Bytes of an extended key: 78 (BIP 32, serialization format), and 4 of Base58Check. */
const EXTENDED_KEY = 82;
/** Bits after the zero byte that precedes the scalar: scalar and checksum. */
const SCALAR_AND_CHECKSUM = 8n * (32n + 4n);

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Value of each digit by character code, -1 for other characters. */
function digitsOf(alphabet: string): Int8Array {
  const digits = new Int8Array(128).fill(-1);
  for (const [value, digit] of [...alphabet].entries()) digits[digit.charCodeAt(0)] = value;
  return digits;
}

const DIGITS = digitsOf(BITCOIN);
const RIPPLE_DIGITS = digitsOf(RIPPLE);

/** Digits per limb: 58^9 is below 2^53. */
const LIMB = 9;
const POWERS = Array.from({ length: LIMB + 1 }, (_, digits) => 58n ** BigInt(digits));

/** The number of some base58 digits; undefined for other characters. */
function base58(text: string, digits = DIGITS): bigint | undefined {
  let value = 0n;
  for (let from = 0; from < text.length; from += LIMB) {
    const to = Math.min(from + LIMB, text.length);
    let part = 0;
    for (let i = from; i < to; i++) {
      const digit = digits[text.charCodeAt(i)] ?? -1;
      if (digit < 0) return undefined;
      part = part * 58 + digit;
    }
    value = value * POWERS[to - from]! + BigInt(part);
  }
  return value;
}

/** BIP 32 extended private keys: byte 45 is zero, and the last 4 bytes are the start of a double SHA-256. */
const xprvBase58check: TokenCheck = {
  statement: 'Base58Check checksum matches',
  verify(token) {
    const value = base58(token);
    // The zero byte first: in a flood of prefixes it rejects 255 of 256 without hashing.
    if (value === undefined || BigInt.asUintN(8, value >> SCALAR_AND_CHECKSUM) !== 0n) return false;
    const hex = value.toString(16).padStart(2 * EXTENDED_KEY, '0');
    if (hex.length > 2 * EXTENDED_KEY) return false;
    return isChecked(Buffer.from(hex, 'hex'));
  },
};

/** True if the last 4 bytes are the start of a double SHA-256 of the others. */
const isChecked = (bytes: Buffer): boolean =>
  sha256(sha256(bytes.subarray(0, -4)))
    .subarray(0, 4)
    .equals(bytes.subarray(-4));

/** Longest text that is decoded, in characters: conversion takes quadratic time. */
const TEXT_MAX = 128;

/** Base58Check of bytes whose first is not zero. */
const base58check = (digits: Int8Array): TokenCheck => ({
  statement: 'Base58Check checksum matches',
  verify(token) {
    const value = token.length > TEXT_MAX ? undefined : base58(token, digits);
    if (value === undefined) return false;
    const hex = value.toString(16);
    return isChecked(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
  },
});

/** Private keys of Tezos. */
const plainBase58check = base58check(DIGITS);
/** Seeds of the XRP Ledger (xrpl.org, base58 encodings). */
const rippleBase58check = base58check(RIPPLE_DIGITS);

/** Tokens that end with a CRC-32 of the rest (docs/rules.md). */

const CRC_DIGITS = 6;

const crc32Check = (verify: TokenCheck['verify']): TokenCheck => ({
  statement: 'CRC-32 checksum matches',
  verify,
});

/** `prefix_` + body + 6 digits: CRC-32 of the body alone in base62. */
function prefixed(token: string, bodyLength: number): boolean | undefined {
  const body = token.slice(token.indexOf('_') + 1);
  if (body.length !== bodyLength + CRC_DIGITS) return undefined;
  return toDigits(crc32(body.slice(0, bodyLength)), BASE62, CRC_DIGITS) === body.slice(bodyLength);
}

/** Classic tokens of GitHub, and npm: 30 characters and their CRC-32. */
const githubCrc32 = crc32Check((token) => prefixed(token, 30));

/** Personal tokens of Vercel (vcp_): 50 characters and their CRC-32; other prefixes have no known one. */
const vercelCrc32 = crc32Check((token) => (token.startsWith('vcp_') ? prefixed(token, 50) : undefined));

/** Routable tokens of GitLab, `prefix-payload.vv.ll` + 7 digits: CRC-32 of the rest in base36. */
const gitlabCrc32 = crc32Check((token) => {
  if (!/\.[0-9a-z]{2}\.[0-9a-z]{9}$/.test(token)) return undefined;
  return toDigits(crc32(token.slice(0, -7)), BASE36, 7) === token.slice(-7);
});

/** Grafana, `glsa_` + 32 + `_` + 8 hex digits: little-endian CRC-32 of all before the last `_`. */
const grafanaCrc32 = crc32Check((token) => {
  const cut = token.lastIndexOf('_');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(token.slice(0, cut)));
  return bytes.toString('hex') === token.slice(cut + 1).toLowerCase();
});

/**
 * Tokens of Matrix, `syt_name_random_` + 6 digits: CRC-32 of all before the last `_` in base62. Tokens of the
 * authentication service (`mat_` and others) have the least significant digit first. Sources:
 * element-hq/synapse, synapse/handlers/auth.py; element-hq/matrix-authentication-service.
 */
const matrixCrc32 = crc32Check((token) => {
  const cut = token.lastIndexOf('_');
  const digits = toDigits(crc32(token.slice(0, cut)), BASE62, CRC_DIGITS);
  const written = token.startsWith('m') ? [...digits].reverse().join('') : digits;
  return written === token.slice(cut + 1);
});

/** CRC-32 of ISO 3309 (reflected polynomial 0xEDB88320), since node:zlib has none before Node 22.2. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 of a text of one character per byte, unsigned. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ text.charCodeAt(i)) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * Seeds of NATS: base32 of two bytes of prefix, 32 bytes of Ed25519 seed, and a little-endian CRC-16 of both.
 * Source: nats-io/nkeys, strkey.go and crc16.go.
 */
const NKEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Bytes without the CRC. */
const BODY = 34;
/** The polynomial of XMODEM. */
const POLYNOMIAL = 0x1021;

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ POLYNOMIAL) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The bytes of unpadded base32 (RFC 4648); undefined for other characters. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let value = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const digit = NKEY_ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = value >>> bits;
    }
  }
  return bytes;
}

const nkeyCrc16: TokenCheck = {
  statement: 'CRC-16 checksum matches',
  verify(token) {
    const bytes = fromBase32(token);
    if (bytes?.length !== BODY + 2) return undefined;
    return crc16(bytes.subarray(0, BODY)) === (bytes[BODY]! | (bytes[BODY + 1]! << 8));
  },
};

/**
 * Private keys in PEM inside another text: with escapes, as in the JSON of a service account, or in base64
 * once more, as in a kubeconfig file, a secret of Kubernetes or a variable of a build.
 */

const DASHES = '-----';
const BEGIN = `${DASHES}BEGIN `;
const LABEL = 'PRIVATE KEY';
/** Escaped line ends, and what else may be between the characters of a body. */
const BETWEEN = /\\+[nrt]|\\+u000[ad]|[\s\\"]/g;

/** The body of the first whole private key in a text; undefined without one. */
function bodyOf(text: string): Uint8Array | undefined {
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at + 1)) {
    const label = text.indexOf(DASHES, at + BEGIN.length);
    const end = text.indexOf(DASHES, label + DASHES.length);
    if (label < 0 || end < 0) return undefined;
    if (!text.slice(at, label).endsWith(LABEL)) continue;
    return Buffer.from(text.slice(label + DASHES.length, end).replace(BETWEEN, ''), 'base64');
  }
  return undefined;
}

const isArmoured = (token: string): boolean => token.startsWith(DASHES);

function read(token: string): { material?: KeyMaterial | undefined } | undefined {
  const bytes = bodyOf(isArmoured(token) ? token : Buffer.from(token, 'base64').toString('latin1'));
  return bytes && (readPrivateKey(bytes, 0) ?? readOpenSsh(bytes) ?? {});
}

const pemKey: TokenCheck = {
  statement: 'holds a private key in PEM',
  verify(token) {
    const found = read(token);
    return found && found.material !== undefined;
  },
  key: (token) => ({ material: read(token)!.material!, encoding: isArmoured(token) ? 'pem' : 'base64' }),
};

/**
 * `wg genkey` stores X25519 scalars clamped (RFC 7748, 5): five fixed bits, which 31 of 32 random texts lack.
 */
const curve25519Clamped: TokenCheck = {
  statement: 'is a clamped Curve25519 scalar',
  verify(token) {
    const bytes = scalarOf(token);
    return bytes.length === 32 && (bytes[0]! & 0b111) === 0 && (bytes[31]! & 0b1100_0000) === 0b0100_0000;
  },
  key: (token) => ({
    material: { type: 'okp', curve: 'X25519', seed: new Secret(scalarOf(token)) },
    component: 'seed',
    encoding: encodingOf(token),
  }),
};

/** WireGuard's configuration protocol has 64 hex digits. */
const encodingOf = (token: string) => (token.length === 64 ? 'hex' : 'base64');

const scalarOf = (token: string): Buffer => Buffer.from(token, encodingOf(token));

/** Longest payload that is parsed, in characters. */
const JSON_MAX = 8192;

/** Tokens that contain a JSON object in base64 (`eyJ…`). */
const base64Json: TokenCheck = {
  statement: 'payload decodes as a JSON object',
  verify(token) {
    const payload = /eyJ[0-9A-Za-z+/_-]*/.exec(token)?.[0];
    if (payload === undefined || payload.length > JSON_MAX) return undefined;
    try {
      const value: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    } catch {
      return false;
    }
  },
};

/**
 * Bech32 (BIP 173): characters of 5 bits; the last six are a BCH checksum of human-readable part and data.
 */
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((term, bit) => {
      if ((top >>> bit) & 1) checksum ^= term;
    });
  }
  return checksum >>> 0;
}

/** True if `text` is Bech32 with a valid checksum, in one case. */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return false;
  const cut = lower.lastIndexOf('1');
  if (cut < 1) return false;
  const readable = [...lower.slice(0, cut)].map((character) => character.charCodeAt(0));
  const data = [...lower.slice(cut + 1)].map((character) => ALPHABET.indexOf(character));
  if (data.length < 6 || data.includes(-1)) return false;
  return polymod([...readable.map((c) => c >>> 5), 0, ...readable.map((c) => c & 31), ...data]) === 1;
}

/** age identities (age-encryption.org/v1): Bech32 in upper case. */
const ageBech32: TokenCheck = { statement: 'Bech32 checksum matches', verify: isBech32 };

/** Every check that a rule may name. */
export const checks: Readonly<Record<CheckName, TokenCheck>> = {
  'github-crc32': githubCrc32,
  'vercel-crc32': vercelCrc32,
  'gitlab-crc32': gitlabCrc32,
  'grafana-crc32': grafanaCrc32,
  'matrix-crc32': matrixCrc32,
  'nkey-crc16': nkeyCrc16,
  'azure-marvin32': azureMarvin32,
  'azure-cask': azureCask,
  'entra-marvin32': entraMarvin32,
  'age-bech32': ageBech32,
  'xprv-base58check': xprvBase58check,
  base58check: plainBase58check,
  'ripple-base58check': rippleBase58check,
  'curve25519-clamped': curve25519Clamped,
  'base64-json': base64Json,
  'pem-key': pemKey,
};

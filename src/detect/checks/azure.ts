import { toDigits } from './decimal-digits.js';
import type { Check } from './types.js';

/**
 * Azure's identifiable keys: a signature of four characters for the service, then a Marvin32 checksum of all
 * bytes before it. Source: microsoft/security-utilities, IdentifiableMetadata.cs and IdentifiableSecrets.cs.
 */

/** Seeds are eight ASCII characters, most significant byte first. */
const seed = (name: string): Uint8Array => Uint8Array.from(Buffer.from(name, 'latin1')).reverse();

const messaging = ['Send0000', 'Manage00', 'Listen00', 'System00', 'Unknown0'];

const SEEDS: Readonly<Record<string, readonly string[]>> = {
  '+ASt': ['Default0'],
  '+ABa': ['AbAcct00'],
  ACDb: ['MastRO00', 'MastRW00', 'SystRO00', 'SystRW00', 'SysAll00', 'Resour00', 'encryp00'],
  APIM: ['Tenant00', 'IoTHub00', 'Gatewy00', 'GitKey00'],
  '+ASb': messaging,
  '+AEh': messaging,
  '+ARm': messaging,
  AIoT: ['IoTHub00', 'DpsKey00', 'Device00'],
  AzCa: ['Access00'],
  '+ACR': ['ACRDflt0'],
  AzSe: ['Query000', 'PAdmin00'],
  AzFu: ['Master00', 'System00', 'Functi00'],
};

/** Azure Cache for Redis has issued keys with another checksum: a mismatch proves nothing. */
const PASS_ONLY: ReadonlySet<string> = new Set(['AzCa']);

const CHECKSUM_BYTES = 4;
/** Base64 characters of the 4-byte checksum; the signature's four precede them. */
const CHECKSUM_CHARACTERS = 6;

export const azureMarvin32: Check = {
  statement: 'Marvin32 checksum matches',
  verify(token) {
    const bare = token.replace(/=+$/, '');
    const signature = bare.slice(-CHECKSUM_CHARACTERS - 4, -CHECKSUM_CHARACTERS);
    const names = SEEDS[signature];
    if (names === undefined) return undefined;
    const bytes = Uint8Array.from(Buffer.from(bare, 'base64'));
    // Invalid base64 decodes to fewer bytes.
    if (bytes.length <= CHECKSUM_BYTES) return undefined;
    const body = bytes.subarray(0, -CHECKSUM_BYTES);
    const stored = Buffer.from(bytes.subarray(-CHECKSUM_BYTES)).readUInt32LE();
    const matches = names.some((name) => marvin32(body, seed(name)) === stored);
    return matches || (PASS_ONLY.has(signature) ? undefined : false);
  },
};

/** Bytes of a common annotated security key (CASK) before its checksum of 3 or 4 bytes. */
const CASK_BODY = 60;

export const azureCask: Check = {
  statement: 'Marvin32 checksum matches',
  verify(token) {
    const bytes = Buffer.from(token, 'base64');
    const stored = bytes.subarray(CASK_BODY);
    if (stored.length < 3) return undefined;
    const computed = Buffer.alloc(4);
    computed.writeUInt32LE(marvin32(Uint8Array.from(bytes.subarray(0, CASK_BODY)), seed('Default0')));
    return computed.subarray(0, stored.length).equals(stored);
  },
};

const ENTRA_ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~';

/**
 * Entra client secrets with the signature 8Q~ end in the first three digits of a checksum in base 66. The
 * padding of small checksums is not published, so a mismatch proves nothing.
 */
export const entraMarvin32: Check = {
  statement: 'Marvin32 checksum matches',
  verify(token) {
    if (token.slice(3, 6) !== '8Q~') return undefined;
    const body = Uint8Array.from(Buffer.from(token.slice(0, -3), 'latin1'));
    const computed = toDigits(marvin32(body, seed('AadPwd00')), ENTRA_ALPHABET, 1);
    return computed.slice(0, 3) === token.slice(-3) || undefined;
  },
};

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * Marvin32 (US patent 8,555,289; SymCrypt's marvin32.c), 64-bit state.
 * @param seed 8 bytes, little-endian
 * @returns the two halves of the state, low half first, unsigned
 */
export function marvin64(data: Uint8Array, seed: Uint8Array): [number, number] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const halves = new DataView(seed.buffer, seed.byteOffset, 8);
  let low = halves.getUint32(0, true);
  let high = halves.getUint32(4, true);
  const block = (word: number): void => {
    low = (low + word) | 0;
    high ^= low;
    low = (rotate(low, 20) + high) | 0;
    high = rotate(high, 9) ^ low;
    low = (rotate(low, 27) + high) | 0;
    high = rotate(high, 19);
  };
  const whole = data.length & ~3;
  for (let at = 0; at < whole; at += 4) block(view.getUint32(at, true));
  // Padding: the last 0 to 3 bytes, 0x80, zeros.
  let last = 0x80;
  for (let at = data.length - 1; at >= whole; at--) last = (last << 8) | data[at]!;
  block(last);
  block(0);
  return [low >>> 0, high >>> 0];
}

/** The 32-bit form of identifiable keys: exclusive or of both halves. */
export function marvin32(data: Uint8Array, seed: Uint8Array): number {
  const [low, high] = marvin64(data, seed);
  return (low ^ high) >>> 0;
}

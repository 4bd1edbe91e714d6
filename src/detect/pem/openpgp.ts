/** The first packet of an armored OpenPGP secret key (RFC 9580, 10.2): algorithm and encryption. */

export interface OpenPgpRead {
  algorithm: string;
  encrypted: boolean;
  /** The bytes have the whole packet. */
  whole: boolean;
}

/** Public-key algorithms (RFC 9580, 9.1): name, and the public fields before the secret ones. */
const ALGORITHMS: ReadonlyMap<number, { name: string; fields: readonly Field[] }> = new Map([
  [1, { name: 'RSA', fields: ['mpi', 'mpi'] }],
  [2, { name: 'RSA', fields: ['mpi', 'mpi'] }],
  [3, { name: 'RSA', fields: ['mpi', 'mpi'] }],
  [16, { name: 'ElGamal', fields: ['mpi', 'mpi', 'mpi'] }],
  [17, { name: 'DSA', fields: ['mpi', 'mpi', 'mpi', 'mpi'] }],
  [18, { name: 'ECDH', fields: ['counted', 'mpi', 'counted'] }],
  [19, { name: 'ECDSA', fields: ['counted', 'mpi'] }],
  [22, { name: 'EdDSA', fields: ['counted', 'mpi'] }],
  [25, { name: 'X25519', fields: [32] }],
  [26, { name: 'X448', fields: [56] }],
  [27, { name: 'Ed25519', fields: [32] }],
  [28, { name: 'Ed448', fields: [57] }],
]);

/** A multiprecision integer (3.2); a length octet and that many octets; a fixed number of octets. */
type Field = 'mpi' | 'counted' | number;

const SECRET_KEY = 5;
const SECRET_SUBKEY = 7;

/** Packet header at 0 (RFC 9580, 4.2): its tag and the bounds of its body. */
function packet(bytes: Uint8Array): { tag: number; start: number; end: number } | undefined {
  const [first = 0, one = 0, two = 0, three = 0, four = 0, five = 0] = bytes;
  if ((first & 0x80) === 0) return undefined;
  const four32 = (a: number, b: number, c: number, d: number) => a * 2 ** 24 + b * 65536 + c * 256 + d;
  if ((first & 0x40) !== 0) {
    const tag = first & 0x3f;
    if (one < 192) return { tag, start: 2, end: 2 + one };
    if (one < 224) return { tag, start: 3, end: 3 + ((one - 192) << 8) + two + 192 };
    return one === 255 ? { tag, start: 6, end: 6 + four32(two, three, four, five) } : undefined;
  }
  const tag = (first >> 2) & 0xf;
  const legacy = [
    { start: 2, length: one },
    { start: 3, length: one * 256 + two },
    { start: 5, length: four32(one, two, three, four) },
  ][first & 3];
  return legacy && { tag, start: legacy.start, end: legacy.start + legacy.length };
}

/** Reads the Secret-Key packet (RFC 9580, 5.5.3) at the start of `bytes`; undefined without a secret. */
export function readOpenPgp(bytes: Uint8Array): OpenPgpRead | undefined {
  const found = packet(bytes);
  if (found === undefined || (found.tag !== SECRET_KEY && found.tag !== SECRET_SUBKEY)) return undefined;
  const { start, end } = found;
  const version = bytes[start];
  if (version !== 4 && version !== 5 && version !== 6) return undefined;
  const algorithm = ALGORITHMS.get(bytes[start + 5] ?? -1);
  if (algorithm === undefined) return undefined;
  // Versions 5 and 6 have a length of the public fields here.
  let at = start + (version === 4 ? 6 : 10);
  for (const field of algorithm.fields) at = skipField(bytes, at, field);
  const usage = bytes[at];
  if (usage === undefined) return undefined;
  // GnuPG's S2K mode 101, "gnu-dummy" (doc/DETAILS): the secret is on a card or offline.
  const dummy = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(16, bytes.length - at)).includes(
    'GNU',
  );
  if (dummy) return undefined;
  return { algorithm: algorithm.name, encrypted: usage !== 0, whole: end <= bytes.length };
}

function skipField(bytes: Uint8Array, at: number, field: Field): number {
  if (field === 'mpi') return at + 2 + Math.ceil(((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)) / 8);
  return field === 'counted' ? at + 1 + (bytes[at] ?? 0) : at + field;
}

/** CRC-24 of an armored block's bytes (RFC 9580, 6.1.1). */
export function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let i = 0; i < 8; i++) crc = (crc & 0x800000) === 0 ? crc << 1 : (crc << 1) ^ 0x1864cfb;
  }
  return crc & 0xffffff;
}

import type { Part } from './parts.js';

/** One encoding of a part in memory, byte for byte. */
export interface Encoded {
  encoding: string;
  bytes: Buffer;
}

/** Digits of `bits` bits, least significant first, each written to `stride` bytes by `write`. */
function digits(
  value: bigint,
  bits: number,
  stride: number,
  write: (place: Buffer, digit: bigint) => void,
): Buffer {
  const places: Buffer[] = [];
  for (let rest = value; rest > 0n; rest >>= BigInt(bits)) {
    const place = Buffer.alloc(stride);
    write(place, rest & ((1n << BigInt(bits)) - 1n));
    places.push(place);
  }
  return Buffer.concat(places);
}

const le16 = (place: Buffer, digit: bigint) => place.writeUInt16LE(Number(digit));
const le32 = (place: Buffer, digit: bigint) => place.writeUInt32LE(Number(digit));
const le64 = (place: Buffer, digit: bigint) => place.writeBigUInt64LE(digit);
const upper = (place: Buffer, digit: bigint) => place.writeUInt32LE(Number(digit), 4);
const doubled = (place: Buffer, digit: bigint) => place.writeUInt32LE(Number(digit) * 2);
const double = (place: Buffer, digit: bigint) => place.writeDoubleLE(Number(digit));
const tagged = (place: Buffer, digit: bigint) => place.writeBigUInt64LE((0xfffen << 48n) + digit);

function integers(value: bigint): Encoded[] {
  const hex = value.toString(16);
  const big = Buffer.from(hex.padStart(Math.ceil(hex.length / 2) * 2, '0'), 'hex');
  const words = (size: number) => Buffer.concat([Buffer.alloc((size - (big.length % size)) % size), big]);
  return [
    { encoding: 'little-endian', bytes: Buffer.from(big).reverse() },
    { encoding: 'int32, most significant first', bytes: Buffer.from(words(4)).swap32() },
    { encoding: 'int32, least significant first, each big-endian', bytes: words(4).reverse().swap32() },
    { encoding: 'int64, least significant first, each big-endian', bytes: words(8).reverse().swap64() },
    { encoding: '30 bits in 32', bytes: digits(value, 30, 4, le32) },
    { encoding: '28 bits in 32', bytes: digits(value, 28, 4, le32) },
    { encoding: '15 bits in 16', bytes: digits(value, 15, 2, le16) },
    { encoding: '31 bits in 32', bytes: digits(value, 31, 4, le32) },
    { encoding: '60 bits in 64', bytes: digits(value, 60, 8, le64) },
    { encoding: '63 bits in 64', bytes: digits(value, 63, 8, le64) },
    ...[26, 28].flatMap((bits) => [
      { encoding: `${bits} bits, V8 small integers`, bytes: digits(value, bits, 8, upper) },
      { encoding: `${bits} bits, V8 compressed`, bytes: digits(value, bits, 4, doubled) },
      { encoding: `${bits} bits, V8 doubles`, bytes: digits(value, bits, 8, double) },
      { encoding: `${bits} bits, JavaScriptCore`, bytes: digits(value, bits, 8, tagged) },
    ]),
    { encoding: 'decimal', bytes: Buffer.from(value.toString()) },
  ];
}

/** `bytes` in base64 after 0, 1 or 2 other bytes, without the characters that share bits with a neighbour. */
function base64(bytes: Buffer): Encoded[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [
      { encoding: 'base64', bytes: Buffer.from(inner) },
      {
        encoding: 'base64url',
        bytes: Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_')),
      },
    ];
  });
}

function wide({ encoding, bytes }: Encoded): Encoded {
  return { encoding: `${encoding}, UTF-16`, bytes: Buffer.from(bytes.toString('latin1'), 'utf16le') };
}

/** Every encoding of a part, without duplicates: of two equal byte strings the first name is used. */
export function encodingsOf({ bytes, octets }: Part): Encoded[] {
  const hex = bytes.toString('hex');
  const texts = [
    ...base64(bytes),
    { encoding: 'hex', bytes: Buffer.from(hex) },
    { encoding: 'hex', bytes: Buffer.from(hex.toUpperCase()) },
  ];
  const all = [
    { encoding: 'big-endian', bytes },
    ...(octets ? [] : integers(BigInt(`0x${hex}`))),
    ...texts,
    ...texts.map(wide),
  ];
  const seen = new Set<string>();
  return all.filter((each) => {
    const id = each.bytes.toString('latin1');
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

// Numbers decoded from texts; src/sweep/runs/text-records.ts reads the records and decodes by the same rules:
//   f64 file offset of the first character, u8 kind, u8 detail, u16 0, u32 octets (of a coordinate),
//   payload: the number, big-endian, in whole words of 8 bytes with zeros in front

import { highNibbles } from './simd.as';

const MEMBER: u32 = 1;
const HEX: u32 = 2;
const POINT: u32 = 3;
const COMPRESSED: u32 = 4;

const HEADER: usize = 16;
// Form octets of points (SEC 1, 2.3.3).
const EVEN: u32 = 2;
const ODD: u32 = 3;
const UNCOMPRESSED: u32 = 4;

// First record and the next one; 0 if texts are not decoded.
let out: usize = 0;
let next: usize = 0;
// An address, and the file offset of its byte.
let origin: usize = 0;
let originOffset: f64 = 0;
// u8[256] base64url values.
let characters: usize = 0;

export function setRecordCharacters(table: usize): void {
  characters = table;
}

export function openTextRecords(records: usize, at: usize, offset: f64): void {
  out = records;
  next = records;
  origin = at;
  originOffset = offset;
}

export function decodesTexts(): bool {
  return out != 0;
}

// Bytes of all records.
export function textRecordBytes(): usize {
  return next - out;
}

// Starts a record for a payload of `octets` and returns the address of its first octet.
function open(start: usize, kind: u32, detail: u32, size: usize, octets: usize): usize {
  const at = next;
  const padded = (octets + 7) & ~7;
  store<f64>(at, originOffset + <f64>(<i32>start - <i32>origin));
  store<u32>(at, kind | (detail << 8), 8);
  store<u32>(at, <u32>size, 12);
  store<u64>(at, 0, 16);
  next = at + HEADER + padded;
  return next - octets;
}

// A member of a JSON Web Key of `length` characters.
export function recordMember(start: usize, length: usize): void {
  const octets = (length * 3) >> 2;
  let to = open(start, MEMBER, u32(<usize>load<u32>(start - 4) == length), octets, octets);
  const end = start + (length & ~3);
  for (let p = start; p < end; p += 4, to += 3)
    store<u32>(to, bswap<u32>(
      (valueOf(p) << 26) | (valueOf(p + 1) << 20) | (valueOf(p + 2) << 14) | (valueOf(p + 3) << 8),
    ));
  const rest = length & 3;
  if (rest == 0) return;
  store<u8>(to, (valueOf(end) << 2) | (valueOf(end + 1) >>> 4));
  if (rest == 3) store<u8>(to, (valueOf(end + 1) << 4) | (valueOf(end + 2) >>> 2), 1);
}

// @ts-ignore: decorator
@inline
function valueOf(p: usize): u32 {
  return <u32>load<u8>(characters + <usize>load<u8>(p));
}

// A number or a point of `length` hexadecimal digits.
export function recordHex(start: usize, length: usize): void {
  const octets = length >> 1;
  if (octets == 64) decode(start, octets, open(start, POINT, 0, 32, octets));
  else if ((octets & 1) == 0) decode(start, octets, open(start, HEX, 1, octets, octets));
  else recordOdd(start, octets - 1);
}

// `octets` behind a form octet, or behind the zero octet of a signed integer (X.690, 8.3).
function recordOdd(start: usize, octets: usize): void {
  const first = octetAt(start);
  const isNumber = octets == 32 || octets == 48;
  const digits = start + 2;
  if (first == 0 && isNumber) decode(digits, octets, open(digits, HEX, 1, octets, octets));
  else if (first == UNCOMPRESSED && !isNumber)
    decode(digits, octets, open(start, POINT, 0, octets >> 1, octets));
  else if ((first == EVEN || first == ODD) && isNumber)
    decode(digits, octets, open(start, COMPRESSED, first, octets, octets));
}

function decode(digits: usize, octets: usize, to: usize): void {
  const nine = i8x16.splat(9);
  const end = to + octets;
  for (; to + 8 <= end; to += 8, digits += 16) {
    const x = v128.load(digits);
    // Decimal digits are 30 to 39, letters 41 to 46 and 61 to 66.
    const letter = i8x16.gt_s(highNibbles(x), i8x16.splat(3));
    const values = i8x16.add(v128.and(x, i8x16.splat(15)), v128.and(letter, nine));
    const pairs = v128.and(v128.or(i16x8.shl(values, 4), i16x8.shr_u(values, 8)), i16x8.splat(255));
    v128.store64_lane(to, i8x16.narrow_i16x8_u(pairs, pairs), 0);
  }
  for (; to < end; to++, digits += 2) store<u8>(to, octetAt(digits));
}

// @ts-ignore: decorator
@inline
function octetAt(digits: usize): u32 {
  return (digitAt(digits) << 4) | digitAt(digits + 1);
}

// @ts-ignore: decorator
@inline
function digitAt(p: usize): u32 {
  const digit = <u32>load<u8>(p);
  return (digit & 15) + (digit >>> 6) * 9;
}

// Uncompressed points (SEC 1, 2.3.3): 04, X, Y, big-endian. In a short run at any byte. In a long run, where
// compressed data has a candidate every 256 bytes, only at a word or after a byte that can end a header.
// Brainpool's curves of 320 and 512 bits are rare: they need such a byte or word in any run, and both numbers
// below the prime.

import { looksRandom, mayLead } from './gate.as';
import { POINT, record } from './records.as';

const UNCOMPRESSED: u8 = 4;
// Words of the shortest run with a 256-bit point: it contains seven whole words, and each edge may lose one.
const LEAST_WORDS: i32 = 5;
// Longest run that counts as short, in words.
const SHORT: i32 = 64;

export function points(at: usize, words: i32, before: i32, after: i32): void {
  if (words < LEAST_WORDS) return;
  const end = at + min(words * 8 + 8, after);
  const most = at + after;
  for (let q = at - min(8, before); q < end; q++) {
    if (load<u8>(q) != UNCOMPRESSED) continue;
    const anywhere = words <= SHORT || ((q - at) & 7) == 0;
    const ahead: u32 = before >= 9 ? load<u8>(q - 1) : 0;
    if (anywhere || mayPrecede(ahead, 32)) point(q, 32, most);
    if (anywhere || mayPrecede(ahead, 48)) point(q, 48, most);
    point(q, 66, most);
    const led = ((q - at) & 7) == 0 && before + <i32>(q - at) >= 8 && mayLead(q - 8);
    if (led || mayPrecede(ahead, 40)) point(q, 40, most);
    if (led || mayPrecede(ahead, 64)) point(q, 64, most);
  }
}

// Last byte of a header: BIT STRING (00), a heap dump's record (08, byte[]), a length in bytes (OCTET STRING,
// TLS, SSH, CBOR), a length in bits (OpenPGP: 3 + 16 * size).
@inline function mayPrecede(byte: u32, size: u32): bool {
  return byte == 0 || byte == 8 || byte == ((2 * size + 1) & 0xff) || byte == ((16 * size + 3) & 0xff);
}

function point(q: usize, size: usize, most: usize): void {
  const at = q + 1;
  if (at + 2 * size > most || !fits(at, size)) return;
  const length = 2 * size;
  memory.copy(record(at, POINT, 0, <u32>size, (length + 7) & ~7), at, length);
}

// Tests X || Y for randomness. Of 521 bits, nine are in the first two octets. Brainpool's primes begin with
// d3 and aa.
function fits(at: usize, size: usize): bool {
  const top: u32 = size == 40 ? 0xd3 : size == 64 ? 0xaa : 0xff;
  if (load<u8>(at) > top || load<u8>(at + size) > top) return false;
  if (size != 66) return looksRandom(at, 2 * size);
  return load<u8>(at) <= 1 && load<u8>(at + 66) <= 1 && looksRandom(at + 2, 64) && looksRandom(at + 68, 64);
}

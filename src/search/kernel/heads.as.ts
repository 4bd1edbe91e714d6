// Where the header of a signature may begin, as TLS and SSH write it: all but a few bytes end here (src/numbers/signatures/wire-signatures.ts, signatures.ts).

const EC: u32 = 3;
const EDDSA: u32 = 8;
const SHORTEST: u32 = 64;
// Octets of EdDSA's signatures, by the second octet of their scheme (RFC 8032), and the tag that ECDSA's begin with.
const ED25519: u32 = 7;
const ED448: u32 = 8;
const ED25519_LENGTH: u32 = 64;
const ED448_LENGTH: u32 = 114;
const SEQUENCE: u8 = 0x30;
// Of SSH's strings of EdDSA, the names of their algorithms end right before: `ssh-ed25519`, `ssh-ed448`.
const ED25519_NAME: u8 = 0x39;
const ED448_NAME: u8 = 0x38;

/**
 * Places in [from, to) as u32 distances from `from`: a SignatureScheme (RFC 8446, 4.2.3) with a length that fits it and is below 256, or the length of a string
 * (RFC 4251, 5) that has room for a signature, behind a name or before a short mpint. At most `most`; a byte before `from` and six behind `to` are read.
 */
export function signatureHeads(from: usize, to: usize, out: usize, most: i32): i32 {
  let n = 0;
  for (let at = from; at < to && n < most; at++) {
    // The third byte is zero: of eight places in random memory none in most cases.
    if (at + 8 <= to && !hasZero(load<u64>(at, 2))) {
      at += 7;
      continue;
    }
    const first = <u32>load<u8>(at);
    if (first > EDDSA || load<u8>(at, 2) != 0) continue;
    const second = <u32>load<u8>(at, 1);
    const length = <u32>load<u8>(at, 3);
    const isHead =
      first == 0 ? second == 0 && length >= SHORTEST && isString(at)
      : first == EDDSA ? (second == ED25519 && length == ED25519_LENGTH) || (second == ED448 && length == ED448_LENGTH)
      : first > 1 && first < 7 && second == EC && length >= SHORTEST && load<u8>(at, 4) == SEQUENCE;
    if (!isHead) continue;
    store<u32>(out + (<usize>n << 2), <u32>(at - from));
    n++;
  }
  return n;
}

/** SignatureSchemes of RSA: with PKCS#1 v1.5 the second octet is 1, with PSS the first one is 8. */
const PKCS1: u32 = 1;
const PSS: u32 = 8;

/** Octets of the longest signature that a set of lengths has: one bit for each multiple of eight. */
const LONGEST: u32 = 2048;

/**
 * Places in [from, to) as u32 distances from `from`: the length of an RSA signature in two octets, which is one of a set, behind a SignatureScheme (RFC 8446, 4.2.3)
 * or, where it is the end of one in four, two zeros (RFC 4251, 5). `lengths`: a bit for each multiple of eight octets, from 0 to 2,048. At most `most`; two bytes before
 * `from` and one behind `to` are read.
 */
export function lengthHeads(from: usize, to: usize, lengths: usize, out: usize, most: i32): i32 {
  let n = 0;
  for (let at = from; at < to && n < most; at++) {
    // A scheme and a length begin with less than 16, and the length is a multiple of eight: of eight places in random memory none in most cases.
    if (at + 8 < to) {
      const firsts = (load<u64>(at - 2) | load<u64>(at)) & 0xf0f0f0f0f0f0f0f0;
      if (!hasZero(firsts | (load<u64>(at, 1) & 0x0707070707070707))) {
        at += 7;
        continue;
      }
    }
    const length = (<u32>load<u8>(at) << 8) | load<u8>(at, 1);
    if ((length & 7) != 0 || length > LONGEST) continue;
    if (((load<u8>(lengths + (length >> 6)) >> ((length >> 3) & 7)) & 1) == 0) continue;
    if (!isRsa(load<u8>(at - 2), load<u8>(at - 1))) continue;
    store<u32>(out + (<usize>n << 2), <u32>(at - from));
    n++;
  }
  return n;
}

@inline function isRsa(first: u32, second: u32): bool {
  if (first == 0) return second == 0;
  if (second == PKCS1) return first == 2 || (first > 3 && first < 7);
  return first == PSS && second > 3 && second < 12 && second != ED25519 && second != ED448;
}

@inline function hasZero(word: u64): bool {
  return ((word - 0x0101010101010101) & ~word & 0x8080808080808080) != 0;
}

/** Zeros stand before many numbers: what follows the length tells, or the name before it. */
@inline function isString(at: usize): bool {
  const before = load<u8>(at - 1);
  return (load<u32>(at, 4) & 0xffffff) == 0 || before == ED25519_NAME || before == ED448_NAME;
}

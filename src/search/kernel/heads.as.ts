// Finds possible headers of signatures as TLS and SSH write them. A first filter: the exact checks are in
// src/search/signatures/wire-signatures.ts and signatures.ts.

const EC: u32 = 3;
const EDDSA: u32 = 8;
const SHORTEST: u32 = 64;
// Length of EdDSA signatures by the second octet of their SignatureScheme (RFC 8032), and the DER tag that
// starts ECDSA's.
const ED25519: u32 = 7;
const ED448: u32 = 8;
const ED25519_LENGTH: u32 = 64;
const ED448_LENGTH: u32 = 114;
const SEQUENCE: u8 = 0x30;
// Last letter of the SSH algorithm names `ssh-ed25519` and `ssh-ed448`, which end directly before the length.
const ED25519_NAME: u8 = 0x39;
const ED448_NAME: u8 = 0x38;

/**
 * Positions in [from, to), as u32 offsets from `from`, at most `most`. A position holds either a
 * SignatureScheme (RFC 8446, 4.2.3) with a matching length below 256, or the length of an SSH string (RFC
 * 4251, 5) that can hold a signature, after an algorithm name or before a short mpint. Reads one byte before
 * `from` and six after `to`.
 */
export function signatureHeads(from: usize, to: usize, out: usize, most: i32): i32 {
  let n = 0;
  for (let at = from; at < to && n < most; at++) {
    // The third byte must be zero; eight positions of random memory usually have none.
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

/** SignatureSchemes of RSA: the second octet is 1 for PKCS#1 v1.5, the first is 8 for PSS. */
const PKCS1: u32 = 1;
const PSS: u32 = 8;

/** Largest signature length in octets that `lengths` can represent: one bit per multiple of eight. */
const LONGEST: u32 = 2048;

/**
 * Positions in [from, to), as u32 offsets from `from`, at most `most`. A position holds the two-octet length
 * of an RSA signature, taken from a set, after a SignatureScheme (RFC 8446, 4.2.3) or after two zeros, as the
 * end of a four-octet length (RFC 4251, 5). `lengths`: a bitmap over the multiples of eight octets, 0 to
 * 2,048. Reads two bytes before `from` and one after `to`.
 */
export function lengthHeads(from: usize, to: usize, lengths: usize, out: usize, most: i32): i32 {
  let n = 0;
  for (let at = from; at < to && n < most; at++) {
      // Scheme and length start with an octet below 16, and the length is a multiple of eight: eight
      // positions of random memory usually have none.
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

/**
 * Zeros precede many numbers, so the length must be followed by an mpint or preceded by an algorithm name.
 */
@inline function isString(at: usize): bool {
  const before = load<u8>(at - 1);
  return (load<u32>(at, 4) & 0xffffff) == 0 || before == ED25519_NAME || before == ED448_NAME;
}

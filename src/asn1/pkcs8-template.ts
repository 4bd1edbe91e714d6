/**
 * True if the "number" of an incomplete structure is the header of the public half. ring and its relatives
 * keep the start of a PrivateKeyInfo and that header side by side, and insert the numbers when they write a
 * key (`ecPublicKey_p256_pkcs8_v1_template.der`, `ed25519_pkcs8_v2_template.der`).
 */
export function isTemplateHeader(number: Uint8Array): boolean {
  // publicKey [1] IMPLICIT BIT STRING of 33 octets (RFC 5958, section 2).
  if (number[0] === 0x81) return number[1] === 33 && number[2] === 0;
  // publicKey [1] EXPLICIT BIT STRING (RFC 5915, section 3).
  return number[0] === 0xa1 && number[2] === 3 && number[1] === number[3]! + 2 && number[4] === 0;
}

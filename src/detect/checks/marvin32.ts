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

const histogram = new Uint32Array(256);

/** Shannon information of `bytes` in bits: entropy by their own byte frequencies, times their number. */
export function shannonBits(bytes: Uint8Array): number {
  histogram.fill(0);
  for (const byte of bytes) histogram[byte]!++;
  let bits = 0;
  for (const count of histogram) if (count > 0) bits -= count * Math.log2(count / bytes.length);
  return bits;
}

/** Shannon entropy of a Latin-1 text, in bits per character; 0 for an empty text. */
export function shannon(text: string): number {
  return text.length === 0 ? 0 : shannonBits(Buffer.from(text, 'latin1')) / text.length;
}

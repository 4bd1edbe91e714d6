/** Shannon entropy of a text of one character a byte, by its own frequencies, in bits per character; 0 for an empty text. */
export function shannon(text: string): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < text.length; i++) counts[text.charCodeAt(i) & 0xff]!++;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / text.length);
  return text.length === 0 ? 0 : bits / text.length;
}

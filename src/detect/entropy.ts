/** Shannon entropy of a text's own characters, in bits per character; 0 for an empty text. */
export function shannon(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length);
  return text.length === 0 ? 0 : bits / text.length;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * Index behind the quote before bytes[at] that begins a JSON string; 0 if there is none. Quotes within a
 * string have a backslash.
 */
export function textStart(bytes: Uint8Array, at: number): number {
  for (let quote = at - 1; quote >= 0; quote--) {
    if (bytes[quote] !== QUOTE) continue;
    let first = quote;
    while (bytes[first - 1] === BACKSLASH) first--;
    if ((quote - first) % 2 === 0) return quote + 1;
    quote = first;
  }
  return 0;
}

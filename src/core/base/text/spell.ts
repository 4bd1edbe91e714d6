/** Bytes of a literal for people: in quotes if they are printable ASCII, else in hex. */
export function spellBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) ? JSON.stringify(text) : Buffer.from(bytes).toString('hex');
}

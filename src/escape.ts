/**
 * What must not reach a terminal or a log: C0 and C1 controls (ESC and DEL among them), bidirectional controls
 * (Unicode UAX #9: U+061C, U+200E-F, U+202A-E, U+2066-9), line and paragraph separators, lone surrogates.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Text of a dump or a path with every control character made visible (`\xNN`, `\u{NNNN}`). Idempotent; printable Unicode stays. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, visible);
}

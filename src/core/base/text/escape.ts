/**
 * Characters that a terminal, a log viewer or a reader could misinterpret: C0 and C1 controls (which start
 * escape sequences), bidirectional controls (UAX #9, section 2), line and paragraph separators, invisible
 * fillers, tags, and unpaired surrogates.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu;

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  // Above 0x7F the braces distinguish a character from a byte that is not UTF-8 (see displayName).
  return point < 0x80 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`;
}

/**
 * Makes text of a dump, a name or a command line safe to print on one line. Backslashes are kept, so that
 * systemd's `core.a\x2eout` is shown as typed.
 */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Length of the UTF-8 sequence with this first byte (RFC 3629, section 3), or 0 if there is none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Decodes UTF-8; undefined if it is invalid. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A backslash in a name that would look like the start of an escape. */
const LOOKALIKE = /\\(?=x(?:[01][0-9a-f]|5c|7f|[89a-f][0-9a-f])|u\{[0-9a-f]{1,6}\})/;
const ESCAPE = new RegExp(`${LOOKALIKE.source}(?:x(..)|u\\{(.{1,6}?)\\})`, 'g');

/**
 * A file name for display: valid UTF-8 as text, any other byte as `\xNN`, then escaped. A backslash that
 * would look like an escape becomes `\x5c`, so that {@link nameBytes} is the inverse.
 */
export function displayName(bytes: Uint8Array): string {
  const name = Buffer.from(bytes).toString('latin1');
  return name
    .split(LOOKALIKE)
    .map((part) => displayPart(Buffer.from(part, 'latin1')))
    .join('\\x5c');
}

/** Inverse of {@link displayName}. */
export function nameBytes(shown: string): Uint8Array {
  const parts: Buffer[] = [];
  let done = 0;
  for (const { 0: whole, 1: byte, 2: point, index } of shown.matchAll(ESCAPE)) {
    parts.push(Buffer.from(shown.slice(done, index)));
    parts.push(byte ? Buffer.from(byte, 'hex') : Buffer.from(characterOf(point, whole)));
    done = index + whole.length;
  }
  return Buffer.concat([...parts, Buffer.from(shown.slice(done))]);
}

/** Text that {@link displayName} never writes is kept. */
function characterOf(point: string | undefined, whole: string): string {
  const code = Number.parseInt(point ?? '', 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

function displayPart(bytes: Uint8Array): string {
  const whole = decodeText(bytes);
  if (whole !== undefined) return escapeText(whole);
  let shown = '';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const length = sequenceLength(lead);
    const text = length === 0 ? undefined : decodeText(bytes.subarray(at, at + length));
    if (text === undefined) {
      shown += `\\x${lead.toString(16).padStart(2, '0')}`;
      at += 1;
    } else {
      shown += escapeText(text);
      at += length;
    }
  }
  return shown;
}

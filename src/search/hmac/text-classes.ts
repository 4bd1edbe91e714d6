/** Kinds of characters, and what a text of them looks like. */

/** Least distinct bytes of a secret: text with fewer is a ruler, a pattern or filler. */
const MIN_DISTINCT = 8;

const UPPER = 1;
const LOWER = 2;
const DIGIT = 3;
const OTHER = 4;
/** Kind of each printable character; 0 for others. */
export const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20 || byte >= 0x7f) return 0;
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  const letter = byte & 0xdf;
  return letter < 0x41 || letter > 0x5a ? OTHER : byte === letter ? UPPER : LOWER;
});

const LONGEST_NAME = 64;
const UNDERSCORE = 0x5f;
const EQUALS = 0x3d;

/** Length of a variable's name with its equals sign, as in an environment, or 0. */
export function nameBefore(bytes: Buffer, at: number, run: number): number {
  for (let i = 0; i < Math.min(run, LONGEST_NAME); i++) {
    const byte = bytes[at + i]!;
    if (byte === EQUALS) return i === 0 ? 0 : i + 1;
    if (KINDS[byte] === OTHER && byte !== UNDERSCORE) return 0;
  }
  return 0;
}

const seen = new Uint32Array(256);
let generation = 0;

/**
 * Classifies a text: too uniform for a secret, like names or sentences, or like randomly drawn characters.
 */
export function classify(bytes: Buffer, at: number, length: number): 'plain' | 'words' | 'random' {
  generation = (generation + 1) >>> 0;
  let [distinct, digits, letters, turns] = [0, 0, 0, 0];
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    const kind = KINDS[byte]!;
    if (seen[byte] !== generation) distinct++;
    seen[byte] = generation;
    if (kind === DIGIT) digits++;
    else if (kind !== OTHER) letters++;
    if (i > at && kind !== KINDS[bytes[i - 1]!]) turns++;
  }
  if (distinct < MIN_DISTINCT) return 'plain';
  // Of 43 random characters of base64url 27 follow one of another kind, of 64 hexadecimal digits 30.
  return digits >= 2 && letters >= 2 && turns >= length / 4 ? 'random' : 'words';
}

/**
 * Members of a JSON Web Key (RFC 7518, section 6) as strings of their own: base64url (RFC 4648, section 5)
 * without padding, of exactly the number's length, and random-looking.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
export const NO_CHARACTER = 255;

/** Value of each byte as a base64url character, or {@link NO_CHARACTER}. */
export const CHARACTERS = new Uint8Array(256).fill(NO_CHARACTER);
for (const [value, character] of [...ALPHABET].entries()) CHARACTERS[character.charCodeAt(0)] = value;

/**
 * Octets of RSA's primes and moduli of 1,024 to 16,384 bits. One exponent or coefficient in 256 has one
 * fewer.
 */
export const RSA_OCTETS: readonly number[] = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048];
/** Octets of coordinates, scalars and seeds of P-256, P-384, X448, Ed448 and P-521, and of HMAC secrets. */
const OTHER_OCTETS: readonly number[] = [32, 48, 56, 57, 64, 66];

const charactersOf = (octets: number): number => Math.ceil((octets * 8) / 6);

/** Characters of the shortest member. */
export const SHORTEST_TEXT = charactersOf(32);
/** Characters of the longest run that may be a member. */
export const LONGEST_TEXT = 2752;
/**
 * Upper bound on base64url characters directly after a member: V8 does not pad a string whose length is a
 * multiple of its alignment, so bytes of the next object's address can look like more of the text.
 */
const BEHIND = 6;
/**
 * Characters that may directly precede a member: since CPython 3.12 the characters of a `str` are 24 bytes
 * behind its length, the last four of them uninitialised; those of a `bytes` are 16 bytes behind its length,
 * after the hash.
 */
const AHEAD = 4;
const LENGTH_AHEAD = 24;
const LENGTHS_AHEAD = [LENGTH_AHEAD, 16] as const;
/** Such a run may contain a member only behind preceding characters. */
const ONLY_BEHIND = 1;

/** By a run's length: characters of the member that it may begin with, {@link ONLY_BEHIND}, or 0 for none. */
export const MEMBER_LENGTHS = new Uint16Array(LONGEST_TEXT);
const LENGTHS = [...OTHER_OCTETS, ...RSA_OCTETS, ...RSA_OCTETS.map((octets) => octets - 1)]
  .map(charactersOf)
  .sort((a, b) => a - b);
for (const length of LENGTHS) MEMBER_LENGTHS.fill(ONLY_BEHIND, length + 1, length + AHEAD + 1);
for (const length of LENGTHS) if (length % 4 === 0) MEMBER_LENGTHS.fill(length, length, length + BEHIND + 1);
for (const length of LENGTHS) MEMBER_LENGTHS[length] = length;

/**
 * Bounds of a window of 43 characters: letters of each case, decimal digits, `-` and `_`, distinct
 * characters, and adjacent characters of one kind. One random window in some thousand exceeds each.
 * Identifiers, paths and hexadecimal digests do, lines of PEM and many C++ names do not.
 */
const BOUNDS = {
  letters: { least: 5, most: 30 },
  decimals: 16,
  others: 7,
  distinct: 22,
  alike: 27,
} as const;

/** Kinds by value: upper case, lower case, decimal digit, other. */
const KINDS = Uint8Array.from(
  ALPHABET,
  (_, value) => Number(value >= 26) + Number(value >= 52) + Number(value >= 62),
);
const counts = new Uint8Array(4);
const seen = new Uint8Array(64);

function looksRandom(bytes: Uint8Array, at: number): boolean {
  counts.fill(0);
  seen.fill(0);
  let distinct = 0;
  let alike = 0;
  let before = -1;
  for (let i = at; i < at + SHORTEST_TEXT; i++) {
    const value = CHARACTERS[bytes[i]!]!;
    const kind = KINDS[value]!;
    if (seen[value] === 0) distinct++;
    seen[value] = 1;
    counts[kind]!++;
    if (kind === before) alike++;
    before = kind;
  }
  const [upper, lower, decimals, others] = counts as unknown as [number, number, number, number];
  const { letters } = BOUNDS;
  return (
    Math.min(upper, lower) >= letters.least &&
    Math.max(upper, lower) <= letters.most &&
    decimals <= BOUNDS.decimals &&
    others <= BOUNDS.others &&
    distinct >= BOUNDS.distinct &&
    alike <= BOUNDS.alike
  );
}

/** The text follows its length in characters: a string of V8, or an array of a JVM. */
export function hasLengthBefore(bytes: Uint8Array, at: number, length: number): boolean {
  const before =
    at < 4 ? -1 : bytes[at - 4]! | (bytes[at - 3]! << 8) | (bytes[at - 2]! << 16) | (bytes[at - 1]! << 24);
  return before === length;
}

const UNDERSCORE = 0x5f;
const Z = 0x5a;
const LINE_ENDS: readonly number[] = [0x0a, 0x0d];
/**
 * Characters that follow `_Z` in mangled C++ names (Itanium ABI, 5.1): one of 17,000 random texts begins so.
 */
const MANGLED = Buffer.from('0123456789GKLNST');

/** Margins in bytes around a run that classifying it needs. */
export const TEXT_MARGINS = { before: LENGTH_AHEAD, behind: 1 };

/** A member, in characters from the start of its run. */
export interface TextMember {
  skip: number;
  length: number;
}

/**
 * The member in a run of `run` characters at `at` of `bytes`, with margins of {@link TEXT_MARGINS}. A member
 * that does not fill its run follows its length, as V8 or CPython store it.
 */
export function memberIn(bytes: Uint8Array, at: number, run: number): TextMember | undefined {
  const length = MEMBER_LENGTHS[run] ?? 0;
  const fits = length === run || hasLengthBefore(bytes, at, length);
  if (length > ONLY_BEHIND && fits && isMember(bytes, at, length, run)) return { skip: 0, length };
  for (let skip = 1; skip <= AHEAD; skip++) {
    const rest = run - skip;
    if (
      MEMBER_LENGTHS[rest] === rest &&
      hasLengthAhead(bytes, at + skip, rest) &&
      isMember(bytes, at + skip, rest, rest)
    )
      return { skip, length: rest };
  }
  return undefined;
}

function hasLengthAhead(bytes: Uint8Array, at: number, length: number): boolean {
  return LENGTHS_AHEAD.some((ahead) => {
    const start = at - ahead;
    return (
      start >= 0 &&
      hasLengthBefore(bytes, start + 4, length) &&
      bytes.subarray(start + 4, start + 8).every((byte) => byte === 0)
    );
  });
}

/** Bits after the last octet have to be zero (RFC 4648, 3.5). A line of its own is one of PEM. */
function isMember(bytes: Uint8Array, at: number, length: number, run: number): boolean {
  const last = CHARACTERS[bytes[at + length - 1]!]!;
  const unused = length % 4 === 3 ? 3 : length % 4 === 2 ? 15 : 0;
  if ((last & unused) !== 0) return false;
  if (LINE_ENDS.includes(bytes[at - 1] ?? 0) && LINE_ENDS.includes(bytes[at + run] ?? 0)) return false;
  if (bytes[at] === UNDERSCORE && bytes[at + 1] === Z && MANGLED.includes(bytes[at + 2]!)) return false;
  return looksRandom(bytes, at) && looksRandom(bytes, at + length - SHORTEST_TEXT);
}

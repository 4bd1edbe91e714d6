/**
 * What members of a JSON Web Key (RFC 7518, section 6) look like as strings of their own: base64url (RFC 4648, section 5) without
 * padding, of the length that a key's number has, and as random as its bytes.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Value of what is no character of base64url. */
export const NO_CHARACTER = 255;

/** The value of each byte as a character of base64url. */
export const CHARACTERS = new Uint8Array(256).fill(NO_CHARACTER);
for (const [value, character] of [...ALPHABET].entries()) CHARACTERS[character.charCodeAt(0)] = value;

/** Octets of RSA's primes and moduli, of 1,024 to 16,384 bits. An exponent or coefficient has one fewer in one of 256. */
export const RSA_OCTETS: readonly number[] = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048];
/** Octets of coordinates, scalars and seeds of P-256, P-384, X448, Ed448 and P-521, and of secrets of HMAC. */
const OTHER_OCTETS: readonly number[] = [32, 48, 56, 57, 64, 66];

const charactersOf = (octets: number): number => Math.ceil((octets * 8) / 6);

/** Characters of the shortest member. */
export const SHORTEST_TEXT = charactersOf(32);
/** Characters of the longest run that may be a member. */
export const LONGEST_TEXT = 2752;
/**
 * Characters that may follow a member without a gap: V8 fills no string whose length is a multiple of its alignment, and the
 * address that stands behind it has so many bytes at most that may be one.
 */
const BEHIND = 6;
/**
 * Characters that may stand before one: CPython since 3.12 puts them 24 bytes behind the string's length, the last four of which it
 * leaves as they were; those of a `bytes` stand 16 bytes behind its length, and behind its hash.
 */
const AHEAD = 4;
const LENGTH_AHEAD = 24;
const LENGTHS_AHEAD = [LENGTH_AHEAD, 16] as const;
/** A run that may be a member only behind such bytes. */
const ONLY_BEHIND = 1;

/** Characters of the member that a run of so many may begin with, {@link ONLY_BEHIND}, or 0 where it has none. */
export const MEMBER_LENGTHS = new Uint16Array(LONGEST_TEXT);
const LENGTHS = [...OTHER_OCTETS, ...RSA_OCTETS, ...RSA_OCTETS.map((octets) => octets - 1)]
  .map(charactersOf)
  .sort((a, b) => a - b);
for (const length of LENGTHS) MEMBER_LENGTHS.fill(ONLY_BEHIND, length + 1, length + AHEAD + 1);
for (const length of LENGTHS) if (length % 4 === 0) MEMBER_LENGTHS.fill(length, length, length + BEHIND + 1);
for (const length of LENGTHS) MEMBER_LENGTHS[length] = length;

/**
 * Bounds of a window of 43 characters, each of which one in some thousand random ones exceeds: letters of either case, digits, the
 * two others, distinct characters, and neighbours that are both of one of these kinds. Identifiers, paths and hexadecimal digests
 * lie outside, lines of PEM and many names of C++ within.
 */
const GATE = {
  letters: { least: 5, most: 30 },
  digits: 16,
  others: 7,
  distinct: 22,
  alike: 27,
} as const;

/** Of each value: upper case, lower case, digit, other. */
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
  const [upper, lower, digits, others] = counts as unknown as [number, number, number, number];
  const { letters } = GATE;
  return (
    Math.min(upper, lower) >= letters.least &&
    Math.max(upper, lower) <= letters.most &&
    digits <= GATE.digits &&
    others <= GATE.others &&
    distinct >= GATE.distinct &&
    alike <= GATE.alike
  );
}

/** The length in characters stands before the text: a string of V8, or an array of a JVM. */
export function hasLengthBefore(bytes: Uint8Array, at: number, length: number): boolean {
  const before =
    at < 4 ? -1 : bytes[at - 4]! | (bytes[at - 3]! << 8) | (bytes[at - 2]! << 16) | (bytes[at - 1]! << 24);
  return before === length;
}

const UNDERSCORE = 0x5f;
const Z = 0x5a;
const LINE_ENDS: readonly number[] = [0x0a, 0x0d];
/** What follows `_Z` in names as C++ compilers write them (Itanium ABI, 5.1): one of 17,000 random texts begins so. */
const MANGLED = Buffer.from('0123456789GKLNST');

/** Bytes before a run and behind it that tell what it is. */
export const TEXT_BESIDE = { before: LENGTH_AHEAD, behind: 1 };

/** Characters of a member, so many behind the start of its run. */
export interface Member {
  skip: number;
  length: number;
}

/**
 * The member in a run of `run` characters at `at` of `bytes`, which go on on both sides by {@link TEXT_BESIDE}. Where it does not fill its
 * run, its length stands before it as V8 or CPython write it.
 */
export function memberIn(bytes: Uint8Array, at: number, run: number): Member | undefined {
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

/** Bits behind the last octet are zero (RFC 4648, 3.5), and a line of its own is one of PEM. */
function isMember(bytes: Uint8Array, at: number, length: number, run: number): boolean {
  const last = CHARACTERS[bytes[at + length - 1]!]!;
  const unused = length % 4 === 3 ? 3 : length % 4 === 2 ? 15 : 0;
  if ((last & unused) !== 0) return false;
  if (LINE_ENDS.includes(bytes[at - 1] ?? 0) && LINE_ENDS.includes(bytes[at + run] ?? 0)) return false;
  if (bytes[at] === UNDERSCORE && bytes[at + 1] === Z && MANGLED.includes(bytes[at + 2]!)) return false;
  return looksRandom(bytes, at) && looksRandom(bytes, at + length - SHORTEST_TEXT);
}

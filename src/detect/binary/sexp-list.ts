/** S-expressions (RFC 9804): canonical (`11:private-key`) or advanced (`#00c0…#`, `"text"`). */

/** An atom's bytes, or a list. */
export type Sexp = Buffer | Sexp[];

/** A key has four levels. */
const MAX_DEPTH = 8;
const SPACE = /[\s]/;
const TOKEN = /[A-Za-z0-9\-./_:*+=]/;

/**
 * Reads the list at `at`; `end` is after its closing parenthesis. Undefined if it is truncated or malformed.
 */
export function readList(bytes: Buffer, at: number): { list: Sexp[]; end: number } | undefined {
  const open: Sexp[][] = [];
  let i = at;
  while (i < bytes.length) {
    const c = String.fromCharCode(bytes[i]!);
    if (c === '(') {
      if (open.length === MAX_DEPTH) return undefined;
      open.push([]);
      i++;
    } else if (c === ')') {
      const list = open.pop();
      i++;
      if (list === undefined) return undefined;
      const outer = open.at(-1);
      if (outer === undefined) return { list, end: i };
      outer.push(list);
    } else if (SPACE.test(c)) i++;
    else {
      const atom = readAtom(bytes, i);
      if (atom === undefined || open.length === 0) return undefined;
      open.at(-1)!.push(atom.value);
      i = atom.end;
    }
  }
  return undefined;
}

/** Tags of libgcrypt's in-memory lists (src/sexp.c, ST_*); data has a 16-bit length before its bytes. */
const TAGS = { atom: 1, open: 3, close: 4 } as const;

/** True if a list of libgcrypt's tags starts at `at`. */
export const opensTagged = (bytes: Buffer, at: number): boolean => bytes[at] === TAGS.open;

/** {@link readList} for libgcrypt's in-memory form. */
export function readTagged(bytes: Buffer, at: number): { list: Sexp[]; end: number } | undefined {
  const open: Sexp[][] = [];
  for (let i = at; i < bytes.length; ) {
    const token = bytes[i++]!;
    if (token === TAGS.open) {
      if (open.length === MAX_DEPTH) return undefined;
      open.push([]);
    } else if (token === TAGS.close) {
      const list = open.pop()!;
      const outer = open.at(-1);
      if (outer === undefined) return { list, end: i };
      outer.push(list);
    } else if (token === TAGS.atom && i + 2 <= bytes.length) {
      const end = i + 2 + bytes.readUInt16LE(i);
      if (end > bytes.length) return undefined;
      open.at(-1)!.push(bytes.subarray(i + 2, end));
      i = end;
    } else return undefined;
  }
  return undefined;
}

type Atom = { value: Buffer; end: number } | undefined;

function readAtom(bytes: Buffer, at: number): Atom {
  const c = bytes[at]!;
  if (c >= 0x30 && c <= 0x39) return readCounted(bytes, at);
  if (c === 0x23) return delimited(bytes, at, '#', (text) => hexOf(text));
  if (c === 0x22) return delimited(bytes, at, '"', (text) => Buffer.from(text, 'latin1'));
  let end = at;
  while (end < bytes.length && TOKEN.test(String.fromCharCode(bytes[end]!))) end++;
  return end === at ? undefined : { value: bytes.subarray(at, end), end };
}

/** `LENGTH:BYTES`; a number without a colon is a token. */
function readCounted(bytes: Buffer, at: number): Atom {
  let [length, i] = [0, at];
  while (i < bytes.length && i < at + 6 && bytes[i]! >= 0x30 && bytes[i]! <= 0x39)
    length = length * 10 + (bytes[i++]! - 0x30);
  if (bytes[i] !== 0x3a) return { value: bytes.subarray(at, i), end: i };
  const end = i + 1 + length;
  return end > bytes.length ? undefined : { value: bytes.subarray(i + 1, end), end };
}

function delimited(
  bytes: Buffer,
  at: number,
  mark: string,
  decode: (text: string) => Buffer | undefined,
): Atom {
  const close = bytes.indexOf(mark, at + 1, 'latin1');
  if (close < 0) return undefined;
  const value = decode(bytes.toString('latin1', at + 1, close));
  return value && { value, end: close + 1 };
}

function hexOf(text: string): Buffer | undefined {
  const digits = text.replace(/\s/g, '');
  return /^(?:[0-9a-fA-F]{2})*$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

/** The text of an atom; undefined for a list. */
export function textOf(sexp: Sexp | undefined): string | undefined {
  return Buffer.isBuffer(sexp) ? sexp.toString('latin1') : undefined;
}

/** Values of the pairs `(n #…#)` in a list, by name; other elements are ignored. */
export function pairsOf(list: readonly Sexp[]): Map<string, Buffer> {
  const pairs = new Map<string, Buffer>();
  for (const each of list) {
    if (!Array.isArray(each)) continue;
    const [name, value] = [textOf(each[0]), each[1]];
    if (name !== undefined && Buffer.isBuffer(value)) pairs.set(name, value);
  }
  return pairs;
}

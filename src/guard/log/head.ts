/** The head of a guard log: how many lines it has, and the hash of the last, which covers all before it. */
export interface LogHead {
  /** Which log it is: 32 hexadecimal digits, random, made with the log. */
  origin: string;
  /** Lines of the log. */
  count: number;
  /** SHA-256 of the last line with its line feed, in hexadecimal; {@link NO_HASH} of an empty log. */
  hash: string;
}

/** What the first line has in place of the hash of a line before it. */
export const NO_HASH = '0'.repeat(64);

const TITLE = 'dumpsieve guard log';

/** The file of a head: four lines of ASCII. */
export const headFile = ({ origin, count, hash }: LogHead): Buffer =>
  Buffer.from(`${TITLE}\n${origin}\n${count}\n${hash}\n`);

/** A head on one line: the trusted comment of its signature, and what the journal gets. */
export const headLine = ({ origin, count, hash }: LogHead): string => `guard log ${origin} ${count} ${hash}`;

const FILE = /^dumpsieve guard log\n([0-9a-f]{32})\n(0|[1-9]\d{0,14})\n([0-9a-f]{64})\n$/;
const LINE = /\bguard log ([0-9a-f]{32}) (0|[1-9]\d{0,14}) ([0-9a-f]{64})(?![0-9a-f])/g;

/** Reads the file of a head; undefined if it has any other form. */
export const readHeadFile = (file: Uint8Array): LogHead | undefined =>
  headOf(FILE.exec(Buffer.from(file).toString('latin1')));

/**
 * All heads in a text: a file of a head, or lines that contain one, such as an extract of the journal or the
 * file of a signature.
 */
export function headsIn(text: string): LogHead[] {
  const matches = [...text.matchAll(LINE), FILE.exec(text)];
  return matches.flatMap((match) => headOf(match) ?? []);
}

function headOf(match: RegExpMatchArray | null): LogHead | undefined {
  const [, origin, count, hash] = match ?? [];
  if (origin === undefined || count === undefined || hash === undefined) return undefined;
  return { origin, count: Number(count), hash };
}

export const isSameHead = (a: LogHead, b: LogHead): boolean => headLine(a) === headLine(b);

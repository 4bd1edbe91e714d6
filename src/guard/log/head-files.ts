import fs from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../core/base/runtime/errors.js';
import { tryTo } from '../../core/base/runtime/try-to.js';
import type { ManifestSigner } from '../../redact/signature/signer.js';
import { checkSignature, type SignatureCheck, type VerifyKey } from '../../redact/signature/verifier.js';
import { syncFolder, writeSynced } from '../state/synced.js';

/** Octets of the longest file of a head or its signature. */
export const LONGEST_HEAD = 32 * 1024;

/** A log and the files beside it. */
export interface LogFiles {
  log: string;
  head: string;
  signature: string;
}

/** The files of a log by its name: `log.jsonl`, `log.head` and `log.head.minisig`. */
export function logFiles(log: string): LogFiles {
  const head = `${log.replace(/\.jsonl$/, '')}.head`;
  return { log, head, signature: `${head}.minisig` };
}

/** The head that a key has signed; a notice of what is wrong; undefined if both files are missing. */
export type SignedHead =
  | { head: LogHead; isFileOld: boolean }
  | Extract<SignatureCheck, { problem: unknown }>
  | undefined;

/** {@link signedHead} of the files beside a log. Errors are the system's. */
export const readSignedHead = ({ head, signature }: LogFiles, by: VerifyKey): SignedHead =>
  signedHead(contentOf(head), contentOf(signature), by);

/**
 * The head that a key has signed, by the contents of both files. The signature is replaced first, and names
 * the head in its trusted comment: where a writer was killed between the two, the head is what was signed
 * (`isFileOld`).
 */
export function signedHead(
  file: Uint8Array | undefined,
  signature: Uint8Array | undefined,
  by: VerifyKey,
): SignedHead {
  if (signature === undefined && file === undefined) return undefined;
  const signed = signature ?? new Uint8Array(0);
  const [named] = headsIn(Buffer.from(signed).toString('latin1'));
  const message = named === undefined ? (file ?? new Uint8Array(0)) : headFile(named);
  const checked = checkSignature(message, signed, by, 'log head');
  if ('problem' in checked) return checked;
  const head = readHeadFile(message);
  if (head === undefined || checked.trustedComment !== headLine(head)) return { problem: OTHER_CONTENT };
  const there = file && readHeadFile(file);
  if (there !== undefined && isSameHead(there, head)) return { head, isFileOld: false };
  const isOlder = there !== undefined && there.origin === head.origin && there.count < head.count;
  return file === undefined || isOlder ? { head, isFileOld: true } : { problem: OTHER_HEAD };
}

const OTHER_CONTENT = {
  code: 'log-head-malformed',
  message: 'what the key has signed is not the head of a guard log',
  hint: 'name the log that the guard writes; log.head and log.head.minisig lie beside it',
};

const OTHER_HEAD = {
  code: 'log-head-differs',
  message: 'the head is another than the one that its signature names',
  hint: 'keep these files, and find out who changed them: only the guard writes there',
};

function contentOf(name: string): Uint8Array | undefined {
  let fd: number;
  try {
    fd = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const content = Buffer.alloc(LONGEST_HEAD);
    return content.subarray(0, fs.readSync(fd, content, 0, LONGEST_HEAD, 0));
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Replaces a head and its signature. Both are written and synced under temporary names before the first one
 * is replaced: a full disk changes nothing.
 */
export function writeSignedHead(files: LogFiles, head: LogHead, signer: ManifestSigner): void {
  const content = headFile(head);
  const drafts = [
    { name: files.signature, content: signer.sign(content, headLine(head), 'log head') },
    { name: files.head, content },
  ].map((each) => ({ ...each, temporary: `${each.name}.new` }));
  try {
    for (const { temporary, content } of drafts) writeSynced(temporary, content);
    for (const { temporary, name } of drafts) fs.renameSync(temporary, name);
  } catch (error) {
    for (const { temporary } of drafts) tryTo(() => fs.rmSync(temporary, { force: true }));
    throw error;
  }
  syncFolder(path.dirname(files.head));
}

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
const headFile = ({ origin, count, hash }: LogHead): Buffer =>
  Buffer.from(`${TITLE}\n${origin}\n${count}\n${hash}\n`);

/** A head on one line: the trusted comment of its signature, and what the journal gets. */
export const headLine = ({ origin, count, hash }: LogHead): string => `guard log ${origin} ${count} ${hash}`;

const FILE = /^dumpsieve guard log\n([0-9a-f]{32})\n(0|[1-9]\d{0,14})\n([0-9a-f]{64})\n$/;
const LINE = /\bguard log ([0-9a-f]{32}) (0|[1-9]\d{0,14}) ([0-9a-f]{64})(?![0-9a-f])/g;

/** Reads the file of a head; undefined if it has any other form. */
const readHeadFile = (file: Uint8Array): LogHead | undefined =>
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

const isSameHead = (a: LogHead, b: LogHead): boolean => headLine(a) === headLine(b);

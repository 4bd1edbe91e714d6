import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DumpsieveError, EXIT, type Notice, reasonOf } from '../../core/base/runtime/errors.js';
import { escapeText } from '../../core/base/text/escape.js';
import { checkVerifyLogOptions } from '../../core/options/check-options.js';
import type { VerifyLogOptions } from '../../core/options/redact-table.js';
import { isMissing, openChecked, readChecked } from '../../redact/checked-file.js';
import { openVerifyKey, type VerifyKey } from '../../redact/signature/verifier.js';
import { nameOf, type WalkName } from '../../source/names.js';
import { walkChain } from './chain.js';
import { headsIn, LONGEST_HEAD, type LogHead, logFiles, type SignedHead, signedHead } from './head-files.js';
import { logNotice, proofOf } from './log-notices.js';

export type { VerifyLogOptions } from '../../core/options/redact-table.js';

/** What a verification of a guard's log has found. */
export interface LogVerification {
  /** True if the log is what the key has signed, and holds all heads of `since`. */
  verified: boolean;
  /** 0 verified; 1 changed, cut, or not signed by the key; 2 some of it is covered by no signature. */
  exit: 0 | 1 | 2;
  /** Why it is not verified; empty if it is. */
  problems: Notice[];
  /** What the key has signed. */
  head?: LogHead;
  /** Lines that follow from each other, from the first one on. */
  entries: number;
  /** Heads of `since`, and the newest of them. */
  since: { heads: number; newest?: LogHead };
  /** What is proven, and what is not, as sentences. */
  proven: string[];
  notProven: string[];
}

/** A guard that writes at the same time has replaced its head after that many milliseconds. */
const SETTLED = 100;
const ATTEMPTS = 3;

/**
 * Verifies a guard's log: each line by the hash in the next one, the last by the signed head, and the head by
 * its signature; with `since`, that the log still holds heads that were kept elsewhere. Throws a
 * DumpsieveError if a file cannot be read (`exit` 2), or for a wrong key or call (3).
 */
export async function verifyLog(options: VerifyLogOptions): Promise<LogVerification> {
  checkVerifyLogOptions(options);
  const key = openVerifyKey(options.key);
  const since = options.since === undefined ? [] : await keptHeads(options.since);
  const name = nameOf(options.log);
  for (let attempt = 1; ; attempt++) {
    const result = await verifyOnce(name, key, since);
    if (result.exit !== EXIT.incomplete || attempt === ATTEMPTS) return result;
    await sleep(SETTLED);
  }
}

async function verifyOnce(
  name: WalkName,
  key: VerifyKey,
  since: readonly LogHead[],
): Promise<LogVerification> {
  const signed = await readHead(name, key);
  const log = await openChecked(name);
  try {
    if (log.storage.kind !== 'file') throw new Error('a log is read by its descriptor');
    const head = signed !== undefined && 'head' in signed ? signed.head : undefined;
    const heads = head === undefined ? since : [head, ...since];
    const hashes = new Map<number, string>();
    const counts = new Set(heads.map(({ count }) => count));
    const walk = await walkChain(log.storage.fd, log.reader.length, ({ seq }, hash) => {
      if (counts.has(seq)) hashes.set(seq, hash);
    });
    const isHeld = ({ count, hash }: LogHead) => count === 0 || hashes.get(count) === hash;
    const changes = [
      ...(walk.isBroken ? [logNotice('log-line-changed', walk.count + 1)] : []),
      ...problemsOfHead(signed),
      ...(head === undefined ? [] : headProblems(head, walk, isHeld)),
      ...since.flatMap((kept) => keptProblems(kept, head, walk, isHeld)),
    ];
    const open = [
      ...(signed !== undefined && 'head' in signed && signed.isFileOld ? [logNotice('log-head-old', 0)] : []),
      ...(walk.torn > 0 ? [logNotice('log-line-torn', walk.count + 1)] : []),
      ...(head !== undefined && walk.count > head.count && !walk.isBroken
        ? [logNotice('log-not-signed', walk.count - head.count)]
        : []),
    ];
    const exit = changes.length > 0 ? EXIT.findings : open.length > 0 ? EXIT.incomplete : EXIT.clean;
    const newest = since.toSorted((a, b) => b.count - a.count)[0];
    return {
      verified: exit === EXIT.clean,
      exit,
      problems: [...changes, ...open],
      ...(head === undefined ? {} : { head }),
      entries: walk.count,
      since: { heads: since.length, ...(newest === undefined ? {} : { newest }) },
      ...(exit === EXIT.clean && head !== undefined ? proofOf(head, newest) : { proven: [], notProven: [] }),
    };
  } finally {
    log.close();
  }
}

interface Walked {
  count: number;
  isBroken: boolean;
}
type IsHeld = (head: LogHead) => boolean;

function problemsOfHead(signed: SignedHead): Notice[] {
  if (signed === undefined) return [logNotice('log-head-missing', 0)];
  return 'problem' in signed ? [signed.problem] : [];
}

/** A line that does not follow is reported already; what is behind it cannot be compared. */
function headProblems(head: LogHead, { count, isBroken }: Walked, isHeld: IsHeld): Notice[] {
  if (head.count > count) return isBroken ? [] : [logNotice('log-cut', head.count - count)];
  return isHeld(head) ? [] : [logNotice('log-last-changed', head.count)];
}

function keptProblems(kept: LogHead, head: LogHead | undefined, walk: Walked, isHeld: IsHeld): Notice[] {
  if (head !== undefined && kept.origin !== head.origin) return [logNotice('log-other-origin', kept.count)];
  if (kept.count > walk.count) return walk.isBroken ? [] : [logNotice('log-older', kept.count - walk.count)];
  return isHeld(kept) ? [] : [logNotice('log-rewritten', kept.count)];
}

async function readHead(log: WalkName, key: VerifyKey): Promise<SignedHead> {
  const { head, signature } = logFiles(log);
  return signedHead(await contentOf(head), await contentOf(signature), key);
}

/** Undefined if there is no such file. A file that is too long is no head: its content is not looked at. */
async function contentOf(name: WalkName): Promise<Uint8Array | undefined> {
  if (await isMissing(name)) return undefined;
  return (await readChecked(name, LONGEST_HEAD)) ?? new Uint8Array(0);
}

/** Octets of the longest text with heads. */
const LONGEST_TEXT = 64 * 1024 * 1024;

/** The heads of `--since`: of the line itself, or of a file or pipe. */
async function keptHeads(given: string): Promise<LogHead[]> {
  const heads = headsIn(given);
  if (heads.length > 0) return heads;
  const shown = escapeText(given);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of createReadStream(given)) {
      length += (chunk as Buffer).length;
      if (length > LONGEST_TEXT) throw noHead(`${shown}: it is longer than 64 MiB`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof DumpsieveError) throw error;
    throw noHead(`the head of --since cannot be read (${reasonOf(error)})`);
  }
  const found = headsIn(Buffer.concat(chunks).toString('latin1'));
  if (found.length === 0) throw noHead(`${shown}: there is no head of a guard's log in it`);
  return found;
}

const noHead = (message: string): DumpsieveError =>
  new DumpsieveError({
    code: 'no-head',
    message,
    hint: 'name a copy of log.head, lines of the journal (guard log …), or such a line itself',
  });

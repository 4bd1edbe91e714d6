import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DumpsieveError, reasonOf, systemCode } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { tryTo } from '../../core/base/runtime/try-to.js';
import { escapeText } from '../../core/base/text/escape.js';
import type { ManifestSigner } from '../../redact/signature/signer.js';
import { openVerifyKey } from '../../redact/signature/verifier.js';
import { bootId } from '../state/boot.js';
import { writeWhole } from '../state/synced.js';
import { LONGEST_LINE, type LogEntry, type LogRecord, recordsOf, walkChain } from './chain.js';
import {
  headLine,
  type LogFiles,
  type LogHead,
  logFiles,
  NO_HASH,
  readSignedHead,
  writeSignedHead,
} from './head-files.js';

/** Name of the log in the guard's folder. */
export const LOG_NAME = 'log.jsonl';

/** Gets each signed head as one line, without a line feed: printed, it is in the journal. */
export type OnHead = (line: string) => void;

const ignore: OnHead = () => {};

/**
 * The guard's log: one JSON object a line, each with the hash of the line before, and a signed head with the
 * hash of the last. One process writes it; a second one is noticed by the file's size.
 */
export class GuardLog {
  readonly #files: LogFiles;
  readonly #fd: number;
  readonly #signer: ManifestSigner;
  readonly #onHead: OnHead;
  readonly #boot = bootId();
  #head: LogHead;
  /** Octets of the log: what this process has verified or written. */
  #size: number;
  /** Set by a failure after which it is unknown what the disk has; the next {@link open} finds out. */
  #isUnsure = false;

  private constructor(
    opened: { files: LogFiles; fd: number; head: LogHead; size: number },
    signer: ManifestSigner,
    onHead: OnHead,
  ) {
    this.#files = opened.files;
    this.#fd = opened.fd;
    this.#head = opened.head;
    this.#size = opened.size;
    this.#signer = signer;
    this.#onHead = onHead;
  }

  /**
   * Opens the log of a guard's folder, or makes it. The whole chain is verified against the signed head.
   * What a kill leaves is mended: a torn last line is cut off (its writer never knew it to be written), and
   * entries after the head that follow from each other get a new head. Throws (exit 3) for any other change.
   */
  static async open(state: string, signer: ManifestSigner, onHead: OnHead = ignore): Promise<GuardLog> {
    const files = logFiles(path.join(state, LOG_NAME));
    const { log, head: headName } = files;
    const fd = openLog(log);
    try {
      const signed = readSignedHead(files, openVerifyKey(signer.publicKey));
      const { size } = fs.fstatSync(fd);
      if (signed !== undefined && 'problem' in signed)
        throw new DumpsieveError({
          ...signed.problem,
          message: `${escapeText(headName)}: ${signed.problem.message}`,
        });
      const known = signed?.head ?? { origin: randomBytes(16).toString('hex'), count: 0, hash: NO_HASH };
      const walk = await walkChain(fd, size, ({ seq }, hash) => {
        if (seq === known.count && hash !== known.hash) throw changed(log, seq);
      });
      if (walk.isBroken) throw changed(log, walk.count + 1);
      if (walk.count < known.count) throw cut(log, walk.count, known.count);
      // Without a head there is no log yet: the first thing written is the head of an empty one.
      if (signed === undefined && walk.count > 0) throw headMissing(headName);
      const head: LogHead = { origin: known.origin, count: walk.count, hash: walk.hash };
      if (walk.torn > 0) fs.ftruncateSync(fd, walk.length);
      const guardLog = new GuardLog({ files, fd, head, size: walk.length }, signer, onHead);
      if (signed === undefined || signed.isFileOld || walk.count > known.count) {
        guardLog.#renewHead(head);
        onHead(headLine(head));
      }
      return guardLog;
    } catch (error) {
      tryTo(() => fs.closeSync(fd));
      throw unreadable(log, error);
    }
  }

  /** The newest signed head. */
  get head(): LogHead {
    return this.#head;
  }

  /**
   * Appends an entry: the line is on the disk, then its head is signed and replaced. Throws (exit 3) if that
   * fails; the entry then counts as not written, unless the next {@link open} finds it whole.
   */
  async append(entry: LogEntry): Promise<void> {
    const { event, ...fields } = entry;
    const { count, hash } = this.#head;
    const record = {
      ...{ seq: count + 1, prev: hash, time: new Date().toISOString(), boot: this.#boot, event },
      ...withoutOwn(fields),
    };
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    if (line.length > LONGEST_LINE) throw tooLong(event);
    this.#requireOwn();
    const head = { ...this.#head, count: count + 1, hash: sha256(line) };
    try {
      writeWhole(this.#fd, line);
      fs.fdatasyncSync(this.#fd);
      this.#renewHead(head);
    } catch (error) {
      this.#takeBack(head);
      throw notWritten(this.#files.log, error);
    }
    this.#size += line.length;
    this.#onHead(headLine(head));
  }

  /** All entries, in order. */
  async *entries(): AsyncGenerator<LogRecord, void, void> {
    yield* recordsOf(this.#fd, this.#size);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #renewHead(head: LogHead): void {
    writeSignedHead(this.#files, head, this.#signer);
    this.#head = head;
  }

  /** Throws unless the file under the log's name is the open one, as long as this process has written it. */
  #requireOwn(): void {
    if (this.#isUnsure) throw unsure(this.#files.log);
    const open = orUndefined(() => fs.fstatSync(this.#fd));
    const named = orUndefined(() => fs.lstatSync(this.#files.log));
    const isSame = open !== undefined && open.dev === named?.dev && open.ino === named.ino;
    if (!isSame || open.size !== this.#size) throw otherWriter(this.#files.log);
  }

  /** Removes a line whose head could not be signed. A head that is signed already keeps its line. */
  #takeBack(head: LogHead): void {
    this.#isUnsure = true;
    const signed = orUndefined(() => readSignedHead(this.#files, openVerifyKey(this.#signer.publicKey)));
    const isOld = signed !== undefined && 'head' in signed && signed.head.count < head.count;
    if (!isOld) return;
    tryTo(() => {
      fs.ftruncateSync(this.#fd, this.#size);
      fs.fdatasyncSync(this.#fd);
      this.#isUnsure = false;
    });
  }
}

/** Fields that the log sets itself. */
const OWN = ['seq', 'prev', 'time', 'boot'];

const withoutOwn = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN.includes(name)));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function openLog(name: string): number {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW } = fs.constants;
  try {
    return fs.openSync(name, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** A system error as a coded one; any other as it is. */
function unreadable(log: string, error: unknown): unknown {
  if (error instanceof DumpsieveError || systemCode(error) === undefined) return error;
  return misuse(
    'guard-log-unreadable',
    `${escapeText(log)}: log or head cannot be opened (${reasonOf(error)})`,
    'run as the user of the guard; `state` of the policy names its folder',
  );
}

const misuse = (code: string, message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code, message, hint });

const KEEP = 'keep the folder as it is, and find out who changed it: only the guard writes there';

const changed = (log: string, line: number): DumpsieveError =>
  misuse(
    'guard-log-changed',
    `${escapeText(log)}: line ${line} does not follow from what is before it, or is not what was signed`,
    KEEP,
  );

const cut = (log: string, lines: number, signed: number): DumpsieveError =>
  misuse('guard-log-cut', `${escapeText(log)}: it has ${lines} lines, and ${signed} were signed`, KEEP);

const headMissing = (head: string): DumpsieveError =>
  misuse('guard-log-unsigned', `${escapeText(head)}: it is missing, and the log is not empty`, KEEP);

const otherWriter = (log: string): DumpsieveError =>
  misuse(
    'guard-log-other-writer',
    `${escapeText(log)}: it was changed, replaced or removed by another process`,
    'run one guard a folder; start it again, and it says whether the log still holds',
  );

const unsure = (log: string): DumpsieveError =>
  misuse(
    'guard-log-not-written',
    `${escapeText(log)}: an earlier write failed, and what the disk has is unknown`,
    'start the guard again: it verifies the log and goes on from there',
  );

const tooLong = (event: string): DumpsieveError =>
  misuse('guard-log-not-written', `an entry (${event}) is longer than 64 KiB`, 'report this as a bug');

const notWritten = (log: string, error: unknown): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'guard-log-not-written',
      message: `${escapeText(log)}: an entry cannot be written (${reasonOf(error)})`,
      hint: 'make room on its disk; nothing leaves the guard without its entry',
    },
    3,
    error,
  );

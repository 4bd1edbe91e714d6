import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { maskText } from '../api/mask.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { tryTo } from '../core/base/runtime/try-to.js';
import { escapeText } from '../core/base/text/escape.js';
import type { OnHead } from './log/log.js';
import type { Policy } from './policy/policy.js';
import { appendRelease, LONGEST_REASON } from './requests.js';
import { infoName, type SealedDump, sealedDumpOf, sealedName } from './state/layout.js';

export interface ReleaseOptions {
  /** Id of a dump in quarantine, or a beginning that only one has. */
  id: string;
  /** Why; the log gets it masked. */
  reason: string;
  /** A file that is not there yet, or a stream. */
  output: string | Writable;
  /** Gets the head of the log, where no service runs that prints it. */
  onHead?: OnHead;
}

/** What was handed over. */
export interface ReleasedDump {
  id: string;
  /** The sealed dump, and what was known of its process, if that is there; none of a stream. */
  files: string[];
  bytes: number;
  /** SHA-256 of the sealed dump, in hexadecimal, as in the log. */
  sha256: string;
}

/**
 * Hands over a dump of the quarantine as it is sealed, to the responder alone; it stays in quarantine. The
 * entry of the log comes first. Clear text arises only where the responder opens it. Throws (exit 2 or 3) if
 * it is not handed over.
 */
export async function releaseDump(policy: Policy, options: ReleaseOptions): Promise<ReleasedDump> {
  const { output, onHead = () => {} } = options;
  const reason = (await maskText(options.reason)).trim();
  if (reason === '' || reason.length > LONGEST_REASON) throw badReason();
  const folder = path.join(policy.state, 'quarantine');
  const dump = chosen(folder, options.id);
  const names = [sealedName(dump), ...(typeof output === 'string' ? [infoName(dump.id)] : [])];
  const [sealed, ...beside] = names.flatMap((name, i) => openConfined(path.join(folder, name), i > 0) ?? []);
  const inputs = [sealed!, ...beside];
  try {
    const [sha256, bytes] = await digestOf(inputs[0]!);
    const record = () =>
      appendRelease(policy, { event: 'released', dump: dump.id, reason, sealed: sha256 }, onHead);
    const result = { id: dump.id, bytes, sha256 };
    if (typeof output === 'string') return { ...result, files: await writeFiles(inputs, output, record) };
    await record();
    // The stream's owner ends it.
    await pipeline(contentOf(inputs[0]!), output, { end: false });
    return { ...result, files: [] };
  } finally {
    for (const fd of inputs) fs.closeSync(fd);
  }
}

/** Copies a dump, and what was known of its process, into new files; `record` comes before their content. */
async function writeFiles(
  inputs: readonly number[],
  output: string,
  record: () => Promise<void>,
): Promise<string[]> {
  const copies: NewFile[] = [];
  try {
    for (const name of [output, `${output}.info.age`].slice(0, inputs.length)) copies.push(new NewFile(name));
    await record();
    for (const [i, copy] of copies.entries()) await copy.take(inputs[i]!);
    return copies.map(({ name }) => name);
  } catch (error) {
    for (const copy of copies) copy.discard();
    throw error;
  }
}

function chosen(folder: string, id: string): SealedDump {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    throw misuse(
      'guard-state-unreadable',
      `${escapeText(folder)}: it cannot be read (${reasonOf(error)})`,
      'run as root',
    );
  }
  const dumps = names.flatMap((name) => sealedDumpOf(name) ?? []).filter((dump) => dump.id.startsWith(id));
  const [dump, ...more] = dumps;
  if (dump === undefined || id === '')
    throw misuse('no-such-dump', 'no dump in quarantine has this id', 'dumpsieve guard list shows them');
  if (more.length > 0)
    throw misuse('dump-not-unique', `${dumps.length} ids begin so`, 'write more digits of the id');
  return dump;
}

/** Undefined if the file is missing and may be. */
function openConfined(name: string, mayBeMissing: boolean): number | undefined {
  try {
    return fs.openSync(name, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (mayBeMissing && systemCode(error) === 'ENOENT') return undefined;
    const reason = `it cannot be read (${reasonOf(error)})`;
    throw misuse('guard-state-unreadable', `${escapeText(name)}: ${reason}`, 'run as root');
  }
}

const contentOf = (fd: number): fs.ReadStream => fs.createReadStream('', { fd, start: 0, autoClose: false });

async function digestOf(fd: number): Promise<[sha256: string, bytes: number]> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of contentOf(fd) as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
  }
  return [hash.digest('hex'), bytes];
}

/** A file that was not there before, for its owner alone. */
class NewFile {
  readonly name: string;
  readonly #fd: number;

  constructor(name: string) {
    this.name = name;
    try {
      this.#fd = fs.openSync(name, 'wx', 0o600);
    } catch (error) {
      throw this.#notWritten(error);
    }
  }

  /** Copies all of another file, and closes this one. */
  async take(from: number): Promise<void> {
    try {
      await pipeline(contentOf(from), fs.createWriteStream('', { fd: this.#fd, autoClose: false }));
      fs.fsyncSync(this.#fd);
      fs.closeSync(this.#fd);
    } catch (error) {
      throw this.#notWritten(error);
    }
  }

  discard(): void {
    tryTo(() => fs.closeSync(this.#fd));
    tryTo(() => fs.rmSync(this.name, { force: true }));
  }

  #notWritten(error: unknown): DumpsieveError {
    const isThere = systemCode(error) === 'EEXIST';
    const reason = isThere ? 'it is there already' : `it cannot be written (${reasonOf(error)})`;
    return misuse('output-not-written', `${escapeText(this.name)}: ${reason}`, 'name a new file: -o FILE');
  }
}

const misuse = (code: string, message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code, message, hint });

const badReason = (): DumpsieveError =>
  misuse(
    'wrong-call',
    'the reason is empty, or longer than 1,000 characters',
    'say --reason "what it is needed for"',
  );

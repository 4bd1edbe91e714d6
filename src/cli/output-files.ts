import { closeSync, openSync, readSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  DraftFile,
  fileOf,
  isDescriptor,
  isOwnFile,
  isSameFile,
  nameBehindLinks,
  writesTo,
} from '../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { orUndefined } from '../core/base/runtime/or-undefined.js';
import { FORMATS, type Format } from '../core/model/report.js';
import type { ScanOptions } from '../index.js';
import { notWritten } from './failure.js';

/** A report in a file. Errors are coded. */
export interface OpenedReport extends ReportFile {
  format: Format;
}

/** Bytes at the start of a file that decide whether it is text. */
const HEAD = 4096;

const READ = 'what is read is never replaced: name another file, or leave this one out with --exclude';

/** Standard output. */
const STDOUT = 1;

/**
 * Opens the files of `FORMAT=FILE` for the reports of a scan. Throws `bad-output` (exit 3) for an unknown
 * format, and for a file that cannot be written, that the scan reads, that has another output, or that may be
 * a dump. `printed`: a report goes to standard output.
 */
export async function openOutputFiles(
  entries: readonly string[],
  printed: boolean,
  options: ScanOptions,
): Promise<OpenedReport[]> {
  if (entries.length === 0) return [];
  const { requireUnread } = await import('../index.js');
  const outputs = entries.map((entry) => ({ entry, ...parseOutput(entry) }));
  const names = outputs.map(({ entry, file, format }) => ({
    file,
    isSuccessor: isFormerReport(file, format),
    refused: (why: string) => badOutput(entry, why, READ),
  }));
  await requireUnread(names, options);
  const taken = new Outputs(printed, options.writeBaseline);
  for (const { entry, file } of outputs) {
    const why =
      taken.add(file) ?? (isBinary(file) ? 'the file is there and no report: it may be a dump' : '');
    if (why !== '') throw badOutput(entry, why);
  }
  const opened: OpenedReport[] = [];
  try {
    for (const { entry, file, format } of outputs)
      try {
        opened.push({ format, ...coded(openReport(file), entry) });
      } catch (error) {
        throw badOutput(entry, `the file cannot be written (${reasonOf(error)})`);
      }
  } catch (error) {
    for (const each of opened) each.discard();
    throw error;
  }
  return opened;
}

/** A full disk shows when a file is written, not when it is opened. */
function coded(file: ReportFile, entry: string): ReportFile {
  const orFailed = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EPIPE') throw error;
      throw notWritten(`--output ${entry}`, code, error);
    }
  };
  return {
    write: (text) => orFailed(() => file.write(text)),
    publish: () => orFailed(() => file.publish()),
    discard: () => file.discard(),
  };
}

/** The outputs of one command: no two of them may be one regular file. */
class Outputs {
  readonly #places = new Set<string>();
  readonly #printed: boolean;

  constructor(printed: boolean, baseline: string | undefined) {
    this.#printed = printed;
    if (baseline !== undefined) this.add(baseline);
  }

  /** Why a file cannot be an output; undefined if it can. Terminals and pipes may have several writers. */
  add(file: string): string | undefined {
    const name = nameBehindLinks(file);
    const stats = orUndefined(() => statSync(name, { bigint: true }));
    if (stats !== undefined && !stats.isFile())
      return stats.isBlockDevice() ? 'this is a device with data' : undefined;
    const place = placeOf(name);
    const key = stats && `${stats.dev}:${stats.ino}`;
    if (this.#places.has(place) || (key !== undefined && this.#places.has(key)))
      return 'another output goes to this file';
    for (const each of [place, key]) if (each !== undefined) this.#places.add(each);
    if (stats === undefined || !isOwnFile(stats)) return undefined;
    // A caller may name its own standard output, if nothing else goes there.
    const stdout = fileOf(STDOUT);
    const isStdout = stdout !== undefined && isSameFile(stdout, stats);
    if (isDescriptor(name) && !(this.#printed && isStdout)) return undefined;
    return `standard ${isStdout ? 'output' : 'error'} goes to this file`;
  }
}

/** A name by the folder that it leads to. */
function placeOf(name: string): string {
  const folder = orUndefined(() => realpathSync(dirname(name)));
  return folder === undefined ? resolve(name) : join(folder, basename(name));
}

/** Splits `FORMAT=FILE`; a file name may contain further equals signs. */
function parseOutput(entry: string): { format: Format; file: string } {
  const cut = entry.indexOf('=');
  const [name, file] = [entry.slice(0, Math.max(0, cut)), entry.slice(cut + 1)];
  if (name === '' || file === '') throw badOutput(entry, 'it must be FORMAT=FILE');
  const format = FORMATS.find((each) => each === name);
  if (format === undefined) throw badOutput(entry, `formats are ${FORMATS.join(', ')}`);
  return { format, file };
}

/** True for a regular file with a NUL among its first bytes; false if it cannot be read. */
function isBinary(file: string): boolean {
  if (orUndefined(() => statSync(file))?.isFile() !== true) return false;
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const head = Buffer.alloc(HEAD);
    return head.subarray(0, readSync(fd, head)).includes(0);
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function badOutput(entry: string, why: string, hint = 'as in --output json=report.json'): DumpsieveError {
  return new DumpsieveError({
    code: 'bad-output',
    message: `--output ${entry}: ${why}`,
    hint,
  });
}

/** How reports begin. What a terminal gets has no such beginning: it is not recognised in a file. */
const BEGINNINGS: Readonly<Record<Format, RegExp | undefined>> = {
  pretty: undefined,
  json: /^\{\s*"schemaVersion": \d+,\s*"tool": \{"name":"dumpsieve"/,
  ndjson: /^\{"type":"run","schemaVersion":\d+,"tool":\{"name":"dumpsieve"/,
  sarif: /^\{\s*"\$schema": "https:\/\/docs\.oasis-open\.org\/sarif\/sarif\/v2\.1\.0\/errata01\//,
  junit: /^<\?xml [^>]*>\s*<testsuites name="dumpsieve"/,
  markdown: /^## dumpsieve: /,
  csv: /^"file","answer","kind",/,
  lines: /^# dumpsieve lines: /,
  html: /^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="dumpsieve">/,
};

/** Bytes at the start of a report that are looked at. */
const FORMER_REPORT_HEAD = 256;

/** True for a file that begins as a report of a format: the next report may take its place. */
function isFormerReport(file: string, format: Format): boolean {
  const beginning = BEGINNINGS[format];
  // Opening a FIFO would wait for its writer.
  if (beginning === undefined || orUndefined(() => statSync(file))?.isFile() !== true) return false;
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const head = Buffer.alloc(FORMER_REPORT_HEAD);
    return beginning.test(head.toString('latin1', 0, readSync(fd, head)));
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A file of --output. Errors are the system's. */
interface ReportFile {
  write(text: string): void;
  /** The report is complete. */
  publish(): void;
  /** Closes it; without {@link publish} a regular file is what it was before. */
  discard(): void;
}

/** Refusals of a folder where the file itself may be writable. */
const CLOSED_FOLDER: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Opens a file for a report: under a temporary name, unless it is no regular file (a pipe, a terminal) or an
 * open file of the caller (/dev/stdout), which is appended to.
 */
function openReport(file: string): ReportFile {
  const name = nameBehindLinks(file);
  if (isDescriptor(name)) return new DirectFile(name, 'a');
  const there = statSync(name, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) return new DirectFile(name, 'w');
  try {
    return new DraftFile(name);
  } catch (error) {
    if (there === undefined || !CLOSED_FOLDER.has(systemCode(error) ?? '')) throw error;
    return new DirectFile(name, 'w');
  }
}

/** Written in place: nothing can be renamed to it. */
class DirectFile implements ReportFile {
  readonly #fd: number;
  readonly #forget: () => void;
  #open = true;

  constructor(name: string, flags: 'a' | 'w') {
    this.#fd = openSync(name, flags);
    this.#forget = writesTo(this.#fd);
  }

  write(text: string): void {
    writeFileSync(this.#fd, text);
  }

  publish(): void {
    this.discard();
  }

  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#forget();
    closeSync(this.#fd);
  }
}

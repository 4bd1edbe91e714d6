import { closeSync, fstatSync, openSync, readSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { DumpsieveError, reasonOf, systemCode } from '../base/runtime/errors.js';
import { writesTo } from '../base/runtime/own-files.js';
import type { Reporter } from '../index.js';
import { FORMATS, type Format, type ScanEvent } from '../model/report.js';
import { notWritten } from './failure.js';
import { print } from './print.js';

/** All reports of one scan: standard output and the files of --output. */
export interface Outputs {
  event(event: ScanEvent): void;
  close(): void;
}

/** Bytes at the start of a file that decide whether it is text. */
const HEAD = 4096;

/**
 * Opens the reporters of `format` (undefined: nothing on standard output) and of each `FORMAT=FILE`. They
 * write from the first event on, so that a wrong call leaves no partial report. Throws `bad-output` (exit 3)
 * for an unknown format, and for a file that cannot be written, is an input or another report, or may be a
 * dump.
 */
export async function openOutputs(
  format: Format | undefined,
  files: readonly string[],
  inputs: readonly (string | Uint8Array)[],
): Promise<Outputs> {
  const { reporters } = await import('../index.js');
  const begin: (() => Reporter)[] = [];
  if (format !== undefined) {
    const { columns } = process.stdout;
    const options = { color: await wantsColor(), ...(columns ? { width: columns } : {}) };
    begin.push(() => reporters[format](print, options));
  }
  const descriptors: number[] = [];
  const forget: (() => void)[] = [];
  for (const entry of files) {
    const output = parseOutput(entry);
    const fd = openForWriting(output.file, entry, inputs);
    if (descriptors.some((other) => isSame(other, fd)))
      throw badOutput(entry, 'another report goes to this file');
    descriptors.push(fd);
    forget.push(writesTo(fd));
    const write = (text: string) => writeTo(fd, text, entry);
    begin.push(() => reporters[output.format](write, { color: false }));
  }
  let open: Reporter[] | undefined;
  return {
    event: (event) => {
      open ??= begin.map((start) => start());
      for (const reporter of open) reporter.event(event);
    },
    close: () => {
      for (const reporter of open ?? []) reporter.end();
      for (const each of forget) each();
      for (const fd of descriptors) closeSync(fd);
    },
  };
}

/** A full disk shows when a file is written, not when it is opened. */
function writeTo(fd: number, text: string, entry: string): void {
  try {
    writeFileSync(fd, text);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EPIPE') throw error;
    throw notWritten(`--output ${entry}`, code, error);
  }
}

/** True for two names of one regular file. Terminals and pipes may have several writers. */
function isSame(a: number, b: number): boolean {
  const [one, other] = [fstatSync(a), fstatSync(b)];
  return one.isFile() && one.ino === other.ino && one.dev === other.dev;
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

/** Colours on a terminal. `NO_COLOR` comes before `FORCE_COLOR`. */
async function wantsColor(): Promise<boolean> {
  if ((process.env.NO_COLOR ?? '') !== '') return false;
  const { supportsColor } = await import('chalk');
  return supportsColor !== false;
}

/** A report may overwrite another report, never an input or a possible dump. */
function openForWriting(file: string, entry: string, inputs: readonly (string | Uint8Array)[]): number {
  const there = statOf(file);
  if (there?.isFile()) {
    const scanned = inputs.map(statOf);
    if (scanned.some((input) => input?.ino === there.ino && input.dev === there.dev))
      throw badOutput(entry, 'the file is to be scanned');
    if (isBinary(file)) throw badOutput(entry, 'the file is there and no report: it may be a dump');
  }
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw badOutput(entry, `the file cannot be written (${reasonOf(error)})`);
  }
}

function statOf(path: string | Uint8Array): Stats | undefined {
  try {
    return statSync(typeof path === 'string' ? path : Buffer.from(path));
  } catch {
    return undefined;
  }
}

/**
 * True for a file with a NUL among its first bytes; false if it cannot be read, since then it is not
 * overwritten.
 */
function isBinary(file: string): boolean {
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

function badOutput(entry: string, why: string): DumpsieveError {
  return new DumpsieveError({
    code: 'bad-output',
    message: `--output ${entry}: ${why}`,
    hint: 'as in --output json=report.json',
  });
}

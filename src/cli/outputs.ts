import { closeSync, openSync, writeFileSync } from 'node:fs';
import { DumpsieveError, systemCode } from '../errors.js';
import type { Reporter, ReportOptions } from '../index.js';
import type { ScanEvent } from '../model.js';
import { print } from './print.js';

/** Every report of one run: standard output and the files of --output. */
export interface Outputs {
  event(event: ScanEvent): void;
  close(): void;
}

/** Widest line of a report that goes to no terminal. */
const PLAIN_WIDTH = 100;

/**
 * Opens the reporters of `format` (undefined: nothing on standard output) and of each `FORMAT=FILE`.
 * Throws `bad-output` (exit 3) for an unknown format or a file that cannot be written.
 */
export async function openOutputs(format: string | undefined, files: readonly string[]): Promise<Outputs> {
  const { reporters: table } = await import('../index.js');
  const create = (
    name: string,
    entry: string,
    write: (text: string) => void,
    options: ReportOptions,
  ): Reporter => {
    const factory = Object.hasOwn(table, name) ? table[name] : undefined;
    if (factory === undefined) throw badOutput(entry, `formats are ${Object.keys(table).join(', ')}`);
    return factory(write, options);
  };
  const open: Reporter[] = [];
  if (format !== undefined) {
    const options = { color: await wantsColor(), width: process.stdout.columns ?? PLAIN_WIDTH };
    open.push(create(format, format, print, options));
  }
  const descriptors: number[] = [];
  for (const entry of files) {
    const cut = entry.indexOf('=');
    const [name, file] = [entry.slice(0, Math.max(0, cut)), entry.slice(cut + 1)];
    if (name === '' || file === '') throw badOutput(entry, 'it must be FORMAT=FILE');
    let fd = -1;
    open.push(create(name, entry, (text) => writeFileSync(fd, text), { color: false, width: PLAIN_WIDTH }));
    fd = openForWriting(file, entry);
    descriptors.push(fd);
  }
  return {
    event: (event) => {
      for (const reporter of open) reporter.event(event);
    },
    close: () => {
      for (const reporter of open) reporter.end();
      for (const fd of descriptors) closeSync(fd);
    },
  };
}

/** Colours on a terminal; `NO_COLOR` and `FORCE_COLOR` are honoured, the first before the second. */
async function wantsColor(): Promise<boolean> {
  if ((process.env.NO_COLOR ?? '') !== '') return false;
  const { supportsColor } = await import('chalk');
  return supportsColor !== false;
}

function openForWriting(file: string, entry: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw badOutput(entry, `the file cannot be written (${systemCode(error) ?? 'unknown error'})`);
  }
}

function badOutput(entry: string, why: string): DumpsieveError {
  return new DumpsieveError({
    code: 'bad-output',
    message: `--output ${entry}: ${why}`,
    hint: 'as in --output json=report.json',
  });
}

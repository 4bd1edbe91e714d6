import { closeSync, openSync, writeFileSync } from 'node:fs';
import { DumpsieveError, systemCode } from '../errors.js';
import type { ScanEvent } from '../model.js';

/** Every report of one run: standard output and the files of --output. */
export interface Outputs {
  event(event: ScanEvent): void;
  close(): Promise<void>;
}

/** Standard output, written in order; resolves `drained` when all has left the process. */
function toStdout(text: string): void {
  process.stdout.write(text);
}

/**
 * Opens the reporters of `format` (undefined: nothing on standard output) and of each `FORMAT=FILE`.
 * Throws `bad-output` (exit 3) for an unknown format or a file that cannot be written.
 */
export async function openOutputs(format: string | undefined, files: readonly string[]): Promise<Outputs> {
  const { createReporter } = await import('../index.js');
  const color = process.stdout.isTTY === true;
  const reporters =
    format === undefined
      ? []
      : [createReporter(format, toStdout, { color, width: process.stdout.columns ?? 100 })];
  const descriptors: number[] = [];
  for (const entry of files) {
    const [name = '', file] = [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)];
    if (name === '' || file === '') throw badOutput(entry, 'it must be FORMAT=FILE');
    const fd = openForWriting(file, entry);
    descriptors.push(fd);
    reporters.push(createReporter(name, (text) => writeFileSync(fd, text), { color: false }));
  }
  return {
    event: (event) => {
      for (const reporter of reporters) reporter.event(event);
    },
    close: async () => {
      for (const reporter of reporters) reporter.end();
      for (const fd of descriptors) closeSync(fd);
    },
  };
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
    hint: 'formats are pretty, json and ndjson, as in --output json=report.json',
  });
}

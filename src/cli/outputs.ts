import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { tryTo } from '../core/base/runtime/try-to.js';
import { escapeText } from '../core/base/text/escape.js';
import type { Format, ScanEvent } from '../core/model/report.js';
import type { Reporter, ReporterFactory, ScanOptions } from '../index.js';
import { openOutputFiles } from './output-files.js';
import { print } from './print.js';

/** All reports of one scan: standard output and the files of --output. */
export interface Outputs {
  event(event: ScanEvent): void;
  /** Ends the reports. Files get their names if they are whole: by default, if the summary was last. */
  close(isWhole?: boolean): void;
}

interface OutputSettings {
  /** Pretty reports say all they know. */
  verbose?: boolean | undefined;
  /** Other reporters than those of a scan. */
  factories?: Readonly<Partial<Record<Format, ReporterFactory>>>;
  /** The file that has the report in a form that can be read again; default: one that is written. */
  saved?: string | undefined;
}

/**
 * Opens the reporters of `format` (undefined: nothing on standard output) and of each `FORMAT=FILE`. They
 * write from the first event on, so that a wrong call leaves no partial report. Throws `bad-output` (exit 3)
 * as {@link openOutputFiles}.
 */
export async function openOutputs(
  format: Format | undefined,
  entries: readonly string[],
  options: ScanOptions,
  { verbose = false, factories, saved = savedFile(entries) }: OutputSettings = {},
): Promise<Outputs> {
  const reporters = factories ?? (await import('../index.js')).reporters;
  const reporterOf = (wanted: Format): ReporterFactory => {
    const found = reporters[wanted];
    if (found !== undefined) return found;
    const hint = `its formats are ${Object.keys(reporters).join(' and ')}`;
    throw new DumpsieveError({ code: 'wrong-call', message: `a comparison has no format ${wanted}`, hint });
  };
  const first = format && reporterOf(format);
  const files = await openOutputFiles(entries, format !== undefined, options);
  const begin: (() => Reporter)[] = [];
  const shared = { verbose, ...definedFields({ saved: await printable(saved) }) };
  if (first !== undefined) {
    const { columns } = process.stdout;
    const settings = { ...shared, color: await wantsColor(), ...(columns ? { width: columns } : {}) };
    begin.push(() => first(print, settings));
  }
  for (const { format: each, write } of files) {
    const factory = reporterOf(each);
    begin.push(() => factory(write, { ...shared, color: false }));
  }
  let open: Reporter[] | undefined;
  let isEnded = false;
  return {
    event: (event) => {
      open ??= begin.map((start) => start());
      for (const reporter of open) reporter.event(event);
      isEnded = event.type === 'summary';
    },
    close: (isWhole = isEnded) => {
      try {
        for (const reporter of open ?? []) reporter.end();
        if (isWhole) for (const file of files) file.publish();
      } finally {
        for (const file of files) tryTo(() => file.discard());
      }
    },
  };
}

/** The file of the first output from which the report can be read again. */
const savedFile = (entries: readonly string[]): string | undefined =>
  entries.flatMap((entry) => /^(?:json|ndjson)=(.+)$/s.exec(entry)?.[1] ?? [])[0];

/** A name, if it can be printed as it is: without control characters and misplaced secrets. */
async function printable(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { maskText } = await import('../index.js');
  const shown = await maskText(escapeText(file)).catch(() => undefined);
  return shown === file ? file : undefined;
}

/** Colours on a terminal. `NO_COLOR` comes before `FORCE_COLOR`. */
async function wantsColor(): Promise<boolean> {
  if ((process.env.NO_COLOR ?? '') !== '') return false;
  const { supportsColor } = await import('chalk');
  return supportsColor !== false;
}

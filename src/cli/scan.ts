import type { Command } from 'commander';
import { compileLess } from '../core/base/runtime/compile-less.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import {
  type DEFAULTS,
  type LibraryOptions,
  type OptionRow,
  type OptionsGiven,
  SCAN_OPTIONS,
} from '../core/options/table.js';
import type { ScanOptions, Timings } from '../index.js';
import { configure } from './config.js';
import { addFlags, SCAN_FLAGS, valuesOf } from './flags.js';
import { guardFloods } from './floods.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { type Outputs, openOutputs } from './outputs.js';
import { printed } from './print.js';
import { createProgress } from './progress.js';
import { rawPaths } from './raw-arguments.js';
import { requireOtherOutput } from './standard-output.js';
import { onSignals, type Signals } from './stoppable.js';
import { startThreads } from './threads.js';

/** The values of `scan`'s options, by their names in the table. */
type Values = OptionsGiven & typeof DEFAULTS;

export function registerScan(program: Command, finish: Finish): void {
  const command = program
    .command('scan')
    .description('scan dumps, files, folders and globs (or - for standard input) for keys and tokens')
    .argument('[paths...]', 'files, folders, globs, or - for standard input')
    .addHelpText('after', '\nAn argument that exists is a path, never a pattern.');
  addExamples(command, [
    ['dumpsieve scan core.1234', 'a report for people'],
    ['dumpsieve scan --format json core.1234 > report.json'],
    ["dumpsieve scan --output sarif=report.sarif dumps/ 'more/**/*.dmp'"],
    ['coredumpctl dump 1234 | dumpsieve scan -', 'standard input'],
    ['dumpsieve scan --fail-on critical --only-signing core.zst'],
    ['dumpsieve scan --exit-zero --write-baseline accepted.json dumps/', 'accept what is there'],
    ['dumpsieve scan --baseline accepted.json dumps/', 'only what is new fails the gate'],
    ['dumpsieve scan --find prod.pem --expect-absent core.1234', 'exit 0: our key is not in there'],
    ['dumpsieve scan --pid 1234', 'the memory of a running process'],
  ]);
  addFlags(command, SCAN_FLAGS, true).action(async (paths: string[]) => {
    const configFile = await configure(command, SCAN_FLAGS);
    const values = valuesOf<Values>(command, SCAN_OPTIONS);
    if (paths.length === 0 && values.pid === undefined)
      command.error("error: missing required argument 'paths'");
    const raw = rawPaths(paths);
    requireOtherOutput(SCAN_OPTIONS, { ...values, config: configFile }, raw);
    const threads = startThreads(raw, values.jobs);
    const options = {
      paths: raw,
      ...scanOptions(values),
      ...(configFile === undefined ? {} : { configFile }),
    };
    finish(await scanVerb(options, values, threads));
  });
}

/** Scans, writes reports as events arrive, and returns the exit status. */
async function scanVerb(options: ScanOptions, values: Values, threads: boolean): Promise<number> {
  const { scan } = await import('../index.js');
  if (!threads) compileLess();
  // Before there is a file that a signal would leave.
  const signals = onSignals();
  const outputs = await openedOutputs(options, values, signals);
  if (outputs === undefined) return signals.status()!;
  const unguard = await guardFloods();
  const progress = createProgress(values.progress);
  const timer =
    values.timeLimit === undefined ? undefined : setTimeout(signals.timeUp, values.timeLimit * 1000);
  try {
    let exit = 0;
    const events = scan({
      ...options,
      signal: signals.signal,
      onProgress: (state) => progress.update(state),
      ...(values.debug ? { onTimings: printTimings } : {}),
    });
    for await (const event of events) {
      outputs.event(event);
      await printed();
      if (event.type === 'summary') exit = event.exit;
    }
    return signals.status() ?? exit;
  } finally {
    clearTimeout(timer);
    unguard();
    progress.stop();
    try {
      outputs.close();
    } finally {
      signals.stop();
    }
  }
}

/** Undefined if a signal came first. */
async function openedOutputs(
  options: ScanOptions,
  { quiet, format, output = [], verbose }: Values,
  { signal, status, stop }: Signals,
): Promise<Outputs | undefined> {
  try {
    return await openOutputs(quiet ? undefined : format, output, { ...options, signal }, { verbose });
  } catch (error) {
    stop();
    if (status() === undefined || error instanceof DumpsieveError) throw error;
    return undefined;
  }
}

/** The library's options among the values. */
function scanOptions(values: Values): LibraryOptions {
  if (values.only?.length === 0)
    throw new DumpsieveError({ code: 'no-rules', message: '--only names no rule' });
  const rows: Readonly<Record<string, OptionRow>> = SCAN_OPTIONS;
  const given = Object.entries(values).filter(([name]) => !rows[name]?.commandOnly);
  return Object.fromEntries([...given, ...(writesMap(values) ? [['regions', true]] : [])]);
}

/** True for an HTML report, which has a map of each dump. */
const writesMap = ({ format, output = [], quiet }: Values): boolean =>
  (format === 'html' && !quiet) || output.some((entry) => entry.startsWith('html='));

/** `--debug`: lines on standard error with the seconds of each phase, search and detector, and identities. */
function printTimings({ total, searches, detectors, identities, ...phases }: Timings): void {
  const lines = [`timings: ${[...spent(Object.entries(phases)), `total ${seconds(total)}`].join(', ')}`];
  for (const [title, parts] of Object.entries({ searches, detectors })) {
    const long = Object.entries(parts).filter(([, ms]) => ms >= LEAST_PRINTED);
    if (long.length > 0) lines.push(`${title}: ${spent(long.sort(([, a], [, b]) => b - a)).join(', ')}`);
  }
  const kinds = Object.entries(identities).map(([kind, count]) => `${count} ${kind}`);
  if (kinds.length > 0) lines.push(`identities: ${kinds.join(', ')}`);
  for (const line of lines) process.stderr.write(`dumpsieve: ${line}\n`);
}

/** Milliseconds of a search or detector that is listed. */
const LEAST_PRINTED = 0.5;

const spent = (parts: readonly (readonly [string, number])[]): string[] =>
  parts.map(([name, ms]) => `${name} ${seconds(ms)}`);

const seconds = (ms: number) => `${(ms / 1000).toFixed(3)} s`;

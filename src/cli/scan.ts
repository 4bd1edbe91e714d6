import type { Command } from 'commander';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { ScanOptions } from '../index.js';
import type { Confidence, Format, Kind, ScanEvent, Severity } from '../model/report.js';
import { compileLess } from './compiler.js';
import { configure } from './config.js';
import { addFlags, SCAN_FLAGS } from './flags.js';
import { addExamples } from './help.js';
import { type Outputs, openOutputs } from './outputs.js';
import type { Finish } from './program.js';
import { createProgress } from './progress.js';
import { rawPaths } from './raw-arguments.js';
import { onSignals } from './signals.js';
import { startThreads } from './threads.js';
import { printTimings } from './timings.js';

/** The flags of `scan` as commander hands them over. */
interface ScanFlags {
  format: Format;
  output?: string[];
  rules?: string[];
  only?: string[];
  with?: string[];
  skip?: string[];
  onlySigning?: boolean;
  allow?: string[];
  find?: string[];
  expectAbsent?: boolean;
  baseline?: string;
  writeBaseline?: string;
  failOn: Severity;
  failOnKind?: Kind[];
  minConfidence: Confidence;
  exitZero?: boolean;
  strict?: boolean;
  ifNoFiles: 'error' | 'warn' | 'ignore';
  follow?: boolean;
  hash?: boolean;
  jobs: number;
  spoolDir?: string;
  timeLimit?: number;
  progress?: boolean;
  quiet?: boolean;
  debug?: boolean;
}

export function registerScan(program: Command, finish: Finish): void {
  const command = program
    .command('scan')
    .description('scan dumps, files, folders and globs (or - for standard input) for keys and tokens')
    .argument('<paths...>', 'files, folders, globs, or - for standard input')
    .addHelpText('after', '\nAn argument that exists is a path, never a pattern.');
  addExamples(command, [
    ['dumpsieve scan core.1234', 'a report for people'],
    ['dumpsieve scan --format json core.1234 > report.json'],
    ["dumpsieve scan --output sarif=report.sarif dumps/ 'more/**/*.dmp'"],
    ['coredumpctl dump 1234 | dumpsieve scan -', 'standard input'],
    ['dumpsieve scan --fail-on critical --only-signing core.zst'],
    ['dumpsieve scan --exit-zero --write-baseline accepted.json dumps/', 'accept what is there'],
    ['dumpsieve scan --baseline accepted.json dumps/', 'only what is new counts'],
    ['dumpsieve scan --find prod.pem --expect-absent core.1234', 'exit 0: our key is not in there'],
  ]);
  addFlags(command, SCAN_FLAGS).action(async (paths: string[]) => {
    const configFile = await configure(command, SCAN_FLAGS);
    const flags = command.opts<ScanFlags>();
    const raw = rawPaths(paths);
    const threads = startThreads(raw, flags.jobs);
    const options = {
      paths: raw,
      ...scanOptions(flags),
      ...(configFile === undefined ? {} : { configFile }),
    };
    finish(await scanVerb(options, flags, threads));
  });
}

/** Scans, reports as the events come, and returns the exit status. */
async function scanVerb(options: ScanOptions, flags: ScanFlags, threads: boolean): Promise<number> {
  const { scan } = await import('../index.js');
  if (!threads) await compileLess();
  const outputs = await openOutputs(
    flags.quiet ? undefined : flags.format,
    flags.output ?? [],
    options.paths,
  );
  const signals = onSignals();
  const progress = createProgress(flags.progress);
  const timer =
    flags.timeLimit === undefined ? undefined : setTimeout(signals.timeUp, flags.timeLimit * 1000);
  try {
    let exit = 0;
    const events = scan({
      ...options,
      signal: signals.signal,
      onProgress: progress.update,
      ...(flags.debug ? { onTimings: printTimings } : {}),
    });
    for await (const event of events) exit = write(event, outputs, exit);
    return signals.status() ?? exit;
  } finally {
    clearTimeout(timer);
    progress.stop();
    signals.stop();
    outputs.close();
  }
}

function write(event: ScanEvent, outputs: Outputs, exit: number): number {
  outputs.event(event);
  return event.type === 'summary' ? event.exit : exit;
}

/** Flags that are the command's own business; all others are options of the library by the same name. */
const OWN = ['format', 'output', 'rules', 'timeLimit', 'config', 'progress', 'quiet', 'debug'];

/** The library's options from the flags: low-level arguments become one options object, once. */
function scanOptions(flags: ScanFlags): Omit<ScanOptions, 'paths'> {
  if (flags.only?.length === 0)
    throw new DumpsieveError({ code: 'no-rules', message: '--only names no rule' });
  const shared = Object.entries(flags).filter(([name]) => !OWN.includes(name));
  return { ...Object.fromEntries(shared), ...(flags.rules ? { ruleFolders: flags.rules } : {}) };
}

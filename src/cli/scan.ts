import type { Command } from 'commander';
import { DumpsieveError } from '../errors.js';
import type { Confidence, Kind, ScanEvent, Severity } from '../model.js';
import { addFlags, SCAN_FLAGS } from './flags.js';
import type { Finish } from './main.js';
import { type Outputs, openOutputs } from './outputs.js';
import { createProgress } from './progress.js';
import { onSignals } from './signals.js';

/** The flags of `scan` as commander hands them over. */
interface ScanFlags {
  format: string;
  output?: string[];
  rules?: string[];
  only?: string[];
  skip?: string[];
  onlySigning?: true;
  failOn: Severity;
  failOnKind?: Kind[];
  minConfidence: Confidence;
  exitZero?: true;
  strict?: true;
  ifNoFiles: 'error' | 'warn' | 'ignore';
  follow?: true;
  jobs: number;
  spoolDir?: string;
  timeLimit?: number;
  progress?: boolean;
  quiet?: true;
  debug?: true;
}

export function registerScan(program: Command, finish: Finish): void {
  const command = program
    .command('scan')
    .description('scan dumps, files, folders and globs (or - for standard input) for keys and tokens')
    .argument('<paths...>', 'files, folders, globs, or - for standard input')
    .addHelpText(
      'after',
      `
An argument that exists is a path, never a pattern.

Examples:
  $ dumpsieve scan core.1234                           # a report for people
  $ dumpsieve scan --format json core.1234 > report.json
  $ dumpsieve scan --output ndjson=report.ndjson dumps/ 'more/**/*.dmp'
  $ coredumpctl dump 1234 | dumpsieve scan -           # standard input
  $ dumpsieve scan --fail-on critical --only-signing core.zst`,
    );
  addFlags(command, SCAN_FLAGS).action(async (paths: string[], flags: ScanFlags) =>
    finish(await scanVerb(paths, flags)),
  );
}

async function scanVerb(paths: string[], flags: ScanFlags): Promise<number> {
  const { scan } = await import('../index.js');
  const outputs = await openOutputs(flags.quiet ? undefined : flags.format, flags.output ?? []);
  const signals = onSignals();
  const progress = createProgress(flags.progress);
  const timer =
    flags.timeLimit === undefined ? undefined : setTimeout(signals.timeUp, flags.timeLimit * 1000);
  try {
    let exit = 0;
    const events = scan({
      paths,
      ...scanOptions(flags),
      signal: signals.signal,
      onProgress: progress.update,
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

/** The library's options from the flags: low-level arguments become one options object, once. */
function scanOptions(flags: ScanFlags) {
  const {
    rules,
    only,
    skip,
    onlySigning,
    failOn,
    failOnKind,
    minConfidence,
    exitZero,
    strict,
    ifNoFiles,
    follow,
  } = flags;
  if (only?.length === 0) throw new DumpsieveError({ code: 'no-rules', message: '--only names no rule' });
  return {
    ...(rules ? { ruleFolders: rules } : {}),
    ...(only ? { only } : {}),
    ...(skip ? { skip } : {}),
    onlySigning: onlySigning ?? false,
    failOn,
    ...(failOnKind ? { failOnKind } : {}),
    minConfidence,
    exitZero: exitZero ?? false,
    strict: strict ?? false,
    ifNoFiles,
    follow: follow ?? false,
    jobs: flags.jobs,
    ...(flags.spoolDir === undefined ? {} : { spoolDir: flags.spoolDir }),
  };
}

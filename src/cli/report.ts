import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { Format, ScanEvent } from '../core/model/report.js';
import { REPORT_OPTIONS } from '../core/options/report-table.js';
import type { DEFAULTS, OptionsGiven } from '../core/options/table.js';
import type { ReporterFactory, SavedReports } from '../index.js';
import { printMasked } from './failure.js';
import { addFlags, REPORT_FLAGS, valuesOf } from './flags.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { type Outputs, openOutputs } from './outputs.js';
import { print, printed } from './print.js';
import { rawPaths } from './raw-arguments.js';
import { requireOtherOutput } from './standard-output.js';
import { stoppable } from './stoppable.js';

/** The values of `report`'s options, by their names in the table. */
type Values = Pick<OptionsGiven & typeof DEFAULTS, 'format' | 'output' | 'verbose' | 'quiet' | 'debug'> & {
  since?: string[];
};

export function registerReport(program: Command, finish: Finish): void {
  const command = program
    .command('report')
    .description('show saved reports: in another format, several as one, one finding explained, what is new')
    .argument('<files...>', 'saved reports (JSON or ndjson), or - for standard input')
    .usage('[options] <files...> [id]')
    .addHelpText(
      'after',
      `
Reads what scan has written with --output json=FILE or ndjson=FILE; no dump is needed. Several reports are
one: artifacts are numbered anew, findings of one secret are joined. An id (a fingerprint, or 4 digits of it
and more) explains one finding: what it is, why it is believed, whose, what to do, how to keep it out of the
next dump. An argument that exists is a file, never an id.

Exit status: the worst of the reports, 2 for one that is cut or of a scan that was stopped. With --since 1 if
something new fails the gate, else 2 if not everything was read and searched, else 0. 3: wrong call.`,
    );
  addExamples(command, [
    ['dumpsieve report report.json', 'what scan would have printed'],
    ['dumpsieve report report.json 738a7f3d', 'one finding, explained'],
    ['dumpsieve report --format markdown a.json b.json', 'several reports as one'],
    ['dumpsieve report today.json --since yesterday.json', 'exit 1: something new fails the gate'],
  ]);
  addFlags(command, REPORT_FLAGS, true).action(async (given: string[]) => {
    const values = valuesOf<Values>(command, REPORT_OPTIONS);
    finish(await reportVerb(given, values));
  });
}

/** Shows saved reports and returns the exit status. */
function reportVerb(given: readonly string[], values: Values): Promise<number> {
  return stoppable(
    false,
    ({ signal }) => show(given, values, signal),
    ({ exit }) => exit,
  );
}

async function show(given: readonly string[], values: Values, signal: AbortSignal): Promise<SavedReports> {
  const { changeReporters, readReports, reporters } = await import('../index.js');
  const { words, id } = splitId(given);
  const files = rawPaths(words);
  requireOtherOutput(REPORT_OPTIONS, values, files);
  const since = values.since && rawPaths(values.since);
  const saved = await readReports({ files, signal, ...(since === undefined ? {} : { since }) });
  if (id !== undefined && since !== undefined)
    throw new DumpsieveError({ code: 'wrong-call', message: 'an id and --since do not go together' });
  const isExplained = id !== undefined && values.format === 'pretty';
  const explanation = isExplained ? await saved.explain(id) : undefined;
  const factories = since === undefined ? reporters : changeReporters;
  const outputs = await openedOutputs(values, [...files, ...(since ?? [])], factories, isExplained);
  const events = since === undefined ? saved.events(id) : saved.changes();
  await written(events, outputs);
  if (explanation !== undefined && !values.quiet) {
    const { explanationText } = await import('../index.js');
    print(explanationText(explanation, process.stdout.columns));
  }
  await complain(saved);
  return saved;
}

/** Digits of a fingerprint. */
const ID = /^(?:v1:)?[0-9a-f]{1,64}$/i;

/** The last word is an id if it looks like one, and no file has that name. */
function splitId(given: readonly string[]): { words: string[]; id?: string } {
  const last = given.at(-1) ?? '';
  if (given.length < 2 || !ID.test(last) || existsSync(last)) return { words: [...given] };
  return { words: given.slice(0, -1), id: last };
}

function openedOutputs(
  { quiet, format, output = [], verbose }: Values,
  paths: (string | Uint8Array)[],
  factories: Readonly<Partial<Record<Format, ReporterFactory>>>,
  isExplained: boolean,
): Promise<Outputs> {
  const [first, ...more] = paths;
  const saved = more.length === 0 && typeof first === 'string' && first !== '-' ? first : undefined;
  return openOutputs(
    quiet || isExplained ? undefined : format,
    output,
    { paths },
    { verbose, factories, saved },
  );
}

/** A report without a summary, of a scan that was stopped, is a whole one of it. */
async function written(events: AsyncIterable<ScanEvent>, outputs: Outputs): Promise<void> {
  let isWhole = false;
  try {
    for await (const event of events) {
      outputs.event(event);
      await printed();
    }
    isWhole = true;
  } finally {
    outputs.close(isWhole);
  }
}

async function complain({ notices }: SavedReports): Promise<void> {
  for (const { code, message, hint } of notices)
    await printMasked(`dumpsieve: ${code}: ${message}\n  hint: ${hint}\n`, []);
}

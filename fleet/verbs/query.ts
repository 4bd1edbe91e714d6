import type { Command } from 'commander';
import { printMasked } from '../../src/cli/failure.js';
import { addFlags, inGroups, valuesOf } from '../../src/cli/flags.js';
import { type Fleet, loadFleet } from '../../src/cli/fleet.js';
import type { Finish } from '../../src/cli/help.js';
import { addExamples } from '../../src/cli/help.js';
import { printed } from '../../src/cli/print.js';
import { requireOtherOutput } from '../../src/cli/standard-output.js';
import { stoppable } from '../../src/cli/stoppable.js';
import { definedFields } from '../../src/core/base/runtime/defined.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import type { QueryEnd, QueryOptions } from '../src/index.js';
import { type AnswerFormat, type AnswerOutputs, openAnswerOutputs } from './outputs.js';
import { storeOf } from './store.js';
import { timeOf } from './time.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  store?: string;
  key?: string[];
  keyPasswordFile?: string;
  repeated?: boolean;
  since?: string;
  host?: string;
  rule?: string;
  file?: string;
  format: AnswerFormat;
  output?: string[];
  quiet?: boolean;
}

export function registerHuntQuery(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('query')
    .description('ask a store: which dumps hold a key, which secrets are in several, what was found where')
    .addHelpText(
      'after',
      `
With --key each target has one of three answers: present, with dump, place, host and time; absent, only
where a complete scan with --find says so for every dump asked about; else not found by the rules, which is
no proof. That the public half alone was seen is said apart. Without --key and --repeated: all findings. What
is shown of secrets is masked as in a report.

Exit status with --key: 1 present; 0 absent; 2 neither. Else 1 something was found that fails the gate; 2 not
every dump asked about has a complete scan; 0 neither. 3: wrong call.`,
    );
  addExamples(command, [
    ['dumpsieve hunt query --store hunt.db --key prod.pem', 'a certificate or public key will do'],
    ['dumpsieve hunt query --store hunt.db --repeated --format csv > repeated.csv'],
    ['dumpsieve hunt query --store postgres://db/hunt --since 30d --host "web-*" -o html=hunt.html'],
  ]);
  const { store, key, keyPasswordFile, repeated, since, host, rule, file } = HUNT_OPTIONS;
  const { format, output, quiet, debug } = HUNT_OPTIONS;
  const rows = [store, key, keyPasswordFile, repeated, since, host, rule, file, format, output, quiet, debug];
  addFlags(command, inGroups(rows), true).action(async () => {
    finish(await queryVerb(valuesOf<Values>(command, HUNT_OPTIONS)));
  });
}

async function queryVerb(values: Values): Promise<number> {
  const { format, output = [], quiet } = values;
  const options = queryOptions(values);
  const { store, key = [] } = options;
  requireOtherOutput(HUNT_OPTIONS, values, [store]);
  const fleet = await loadFleet();
  const command = ['hunt', 'query', '--store', store, ...wordsOf(values)];
  const outputs = await openAnswerOutputs(quiet ? undefined : format, output, [store, ...key], {
    ...{ fleet, command },
    list: key.length > 0 ? 'targets' : values.repeated ? 'repeated' : 'found',
  });
  const isReport = [format, ...output.map((entry) => entry.split('=', 1)[0])].some(
    (each) => each === 'csv' || each === 'html',
  );
  return stoppable(
    false,
    ({ signal }) => asked(fleet.query({ ...options, signal, withPlaces: isReport }), outputs),
    ({ exit }) => exit,
  );
}

/** Throws (exit 3) for a wrong store or time. */
function queryOptions({
  store,
  key,
  keyPasswordFile,
  repeated,
  since,
  host,
  rule,
  file,
}: Values): QueryOptions {
  return definedFields({
    ...{ store: storeOf(store), key, repeated, host, rule, file },
    findPasswordFile: keyPasswordFile,
    since: since === undefined ? undefined : timeOf('since', since),
    onNotice: ({ code, message, hint }: { code: string; message: string; hint?: string }) =>
      void printMasked(
        `dumpsieve: ${code}: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`,
        [],
      ),
  });
}

/** Words of the question, as the head of an HTML report shows them. */
function wordsOf({ key = [], repeated, since, host, rule, file }: Values): string[] {
  return [
    ...key.flatMap((each) => ['--key', each]),
    ...(repeated ? ['--repeated'] : []),
    ...Object.entries(definedFields({ since, host, rule, file })).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]),
  ];
}

async function asked(events: ReturnType<Fleet['query']>, outputs: AnswerOutputs): Promise<QueryEnd> {
  try {
    let end: QueryEnd | undefined;
    for await (const event of events) {
      outputs.event(event);
      await printed();
      if (event.type === 'end') end = event;
    }
    await outputs.end();
    return end!;
  } finally {
    outputs.discard();
  }
}

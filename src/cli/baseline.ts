import type { Command } from 'commander';
import { DumpsieveError, type Notice } from '../core/base/runtime/errors.js';
import { BASELINE_OPTIONS } from '../core/options/baseline-table.js';
import type { ListedEntry } from '../index.js';
import { configure } from './config.js';
import { printMasked } from './failure.js';
import { addFlags, SCAN_FLAGS, valuesOf } from './flags.js';
import type { Finish } from './help.js';
import { addExamples, type Example } from './help.js';
import { print } from './print.js';
import { rawPaths } from './raw-arguments.js';
import { requireOtherOutput } from './standard-output.js';
import { tableLines, terminalWidth } from './table.js';

/** The values of the verbs' options, by their names in the table. */
interface Values {
  reason?: string;
  owner?: string;
  expires?: string;
  from?: string[];
  baseline?: string;
  json?: boolean;
  config?: string | false;
}

type Name = keyof typeof BASELINE_OPTIONS;

/** Where the file is. */
const PLACE: readonly Name[] = ['baseline', 'config', 'noConfig'];

export function registerBaseline(program: Command, finish: Finish): void {
  const command = program
    .command('baseline')
    .description('accept findings for a time: add an entry to a baseline, list and remove entries');
  addExamples(command, [
    ['dumpsieve baseline add 738a7f3d --from report.json --reason "test key" --owner qa --expires 30d'],
    ['dumpsieve baseline list'],
    ['dumpsieve baseline remove 738a7f3d'],
    ['dumpsieve baseline prune --from report.json', 'remove what expired or is gone'],
  ]);
  const verb = (
    name: string,
    description: string,
    names: readonly Name[],
    examples: readonly Example[],
    act: (file: string, values: Values, id: string) => Promise<void>,
  ): Command => {
    const flags = [...names, ...PLACE].map((each) => BASELINE_OPTIONS[each]);
    const each = addExamples(addFlags(command.command(name).description(description), flags), examples);
    each.action(async (...given: unknown[]) => {
      await configure(each, SCAN_FLAGS);
      const values = valuesOf<Values>(each, BASELINE_OPTIONS);
      const { baseline: file } = values;
      if (file === undefined) throw lacking('baseline', 'FILE, or set baseline in .dumpsieve.yaml');
      requireOtherOutput(BASELINE_OPTIONS, values, [file]);
      await act(file, values, typeof given[0] === 'string' ? given[0] : '');
      finish(0);
    });
    return each;
  };
  verb(
    'add',
    'accept a finding until a date; an entry that is there is renewed',
    ['reason', 'owner', 'expires', 'from'],
    [
      ['dumpsieve baseline add 738a7f3d --from report.json --reason "test key" --owner qa --expires 30d'],
      ['dumpsieve baseline add v1:738a… --reason "decoy" --owner red-team --expires 2027-01-31'],
    ],
    add,
  ).argument('<id>', 'short id or fingerprint of a finding; a short one needs --from');
  verb('list', 'one line an entry', ['json'], [['dumpsieve baseline list --baseline accepted.json']], list);
  verb(
    'remove',
    'remove one entry: its finding fails the gate again',
    [],
    [['dumpsieve baseline remove 738a7f3d --baseline accepted.json']],
    remove,
  ).argument('<id>', 'short id or fingerprint of an entry');
  verb(
    'prune',
    'remove what has expired and, with --from (complete reports of all dumps), what has no finding',
    ['from'],
    [['dumpsieve baseline prune --from report.json --baseline accepted.json']],
    prune,
  );
}

const lacking = (name: string, what: string): DumpsieveError =>
  new DumpsieveError({ code: 'wrong-call', message: `--${name} is missing`, hint: `say --${name} ${what}` });

async function add(file: string, { reason, owner, expires, from }: Values, id: string): Promise<void> {
  if (reason === undefined) throw lacking('reason', '"why it is accepted"');
  if (owner === undefined) throw lacking('owner', 'WHO answers for it');
  if (expires === undefined) throw lacking('expires', '30d, or a date');
  const { addToBaseline } = await import('../index.js');
  const given = { id, reason, owner, expires, ...(from === undefined ? {} : { from: rawPaths(from) }) };
  const { entry, renewed, notices } = await addToBaseline(file, given);
  await complain(notices);
  print(`${renewed ? 'renewed' : 'added'} ${lineOf(entry)}\n`);
}

async function list(file: string, { json }: Values): Promise<void> {
  const { listBaseline } = await import('../index.js');
  const entries = await listBaseline(file);
  if (json) {
    print(`${JSON.stringify(entries, null, 2)}\n`);
    return;
  }
  if (entries.length === 0) {
    print('no entries\n');
    return;
  }
  const rows = entries.map((entry) => cellsOf(entry));
  print(`${tableLines([{}, {}, { most: 32 }, { most: 24 }, {}], rows, terminalWidth()).join('\n')}\n`);
}

async function remove(file: string, _: Values, id: string): Promise<void> {
  const { removeFromBaseline } = await import('../index.js');
  const { removed, kept } = await removeFromBaseline(file, id);
  print(`removed ${lineOf(removed)}\n${kept} left\n`);
}

async function prune(file: string, { from }: Values): Promise<void> {
  const { pruneBaseline } = await import('../index.js');
  const { removed, kept, notices } = await pruneBaseline(file, from && rawPaths(from));
  await complain(notices);
  for (const entry of removed) print(`removed ${lineOf(entry)}\n`);
  print(`${removed.length} removed, ${kept} left\n`);
}

/** Id, end, rule, owner, reason. */
function cellsOf({ id, ruleId, reason, owner, expires, expired }: ListedEntry): string[] {
  const end = expires === undefined ? 'no end' : `${expired ? 'EXPIRED' : 'until'} ${expires}`;
  return [id, end, ruleId ?? '-', owner ?? '-', reason ?? '-'];
}

const lineOf = (entry: ListedEntry): string => cellsOf(entry).join('  ');

async function complain(notices: readonly Notice[]): Promise<void> {
  for (const { code, message, hint } of notices)
    await printMasked(`dumpsieve: ${code}: ${message}\n  hint: ${hint}\n`, []);
}

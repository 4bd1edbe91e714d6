import type { Command } from 'commander';
import { DumpsieveError, EXIT } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import { GUARD_OPTIONS } from '../core/options/guard-table.js';
import type { CheckRow, DumpList, ListedDump, Policy, ReleasedDump, WatchResult } from '../index.js';
import { printMasked } from './failure.js';
import { addFlags, valuesOf } from './flags.js';
import { addExamples, type Finish } from './help.js';
import { print, printBeside } from './print.js';
import { rawPath } from './raw-arguments.js';
import { requireOtherOutput } from './standard-output.js';
import { stoppable } from './stoppable.js';
import { tableLines, terminalWidth } from './table.js';

/** The values of the verb's options, by their names in the table. */
interface GuardListValues {
  policy: string;
  why?: boolean;
  all?: boolean;
  json?: boolean;
}

function registerGuardList(guard: Command, finish: Finish): void {
  const command = guard
    .command('list')
    .description('list dumps: waiting, in out/, in quarantine and why; and how many were refused')
    .argument('[id]', 'only dumps whose id begins so')
    .addHelpText(
      'after',
      `
Exit status: 0 listed; 2 the log is missing or changed, so that not all is shown; 3 wrong call or policy.`,
    );
  addExamples(command, [['dumpsieve guard list'], ['dumpsieve guard list 1796100025 --why', 'rule by rule']]);
  const { policy, why, all, json, debug } = GUARD_OPTIONS;
  addFlags(command, [policy, why, all, json, debug]).action(async (id: string | undefined) => {
    finish(await list(id, valuesOf<GuardListValues>(command, GUARD_OPTIONS)));
  });
}

async function list(
  id: string | undefined,
  { policy: file, why, all, json }: GuardListValues,
): Promise<number> {
  const policy = await policyOf(file);
  requireOtherOutput(GUARD_OPTIONS, { policy: file }, []);
  const { listDumps } = await import('../index.js');
  const found = await listDumps(policy);
  const isShown = ({ id: each, place }: ListedDump) =>
    each.startsWith(id ?? '') && (all || id !== undefined || !GONE.includes(place));
  const dumps = found.dumps.filter(isShown);
  if (id !== undefined && dumps.length === 0) throw noDump();
  print(json ? `${JSON.stringify({ ...found, dumps }, null, 2)}\n` : textOf(found, dumps, why ?? false));
  for (const { code, message, hint } of found.problems)
    await printMasked(`dumpsieve: ${code}: ${message}\n  hint: ${hint}\n`, []);
  return found.problems.length > 0 ? EXIT.incomplete : EXIT.clean;
}

/** Places that are no folder. */
const GONE: readonly ListedDump['place'][] = ['dropped', 'expired', 'gone'];

const noDump = (): DumpsieveError =>
  new DumpsieveError({
    code: 'no-such-dump',
    message: 'no dump has an id that begins so',
    hint: 'dumpsieve guard list --all shows them',
  });

function textOf(found: DumpList, dumps: readonly ListedDump[], why: boolean): string {
  const rows = dumps.map((dump) => [dump.id, minute(dump.made), dump.place, decisionText(dump)]);
  const columns = [{ heading: 'dump' }, { heading: 'made' }, { heading: 'where' }, { heading: 'why' }];
  const [heading = '', ...lines] =
    rows.length > 0 ? tableLines(columns, rows, terminalWidth()) : ['no dumps'];
  const body = lines.flatMap((line, i) => [line, ...(why ? whyLines(dumps[i]!) : [])]);
  return `${[heading, ...body, totals(found)].join('\n')}\n`;
}

/** `2026-12-01 10:00` of an ISO time, UTC. */
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

function decisionText({ decided, released, place, isReleasable }: ListedDump): string {
  if (decided === undefined) return 'not decided yet';
  const { action, rule, reason, code, exit, truncated } = decided;
  const by = reason === undefined || reason === 'rule' ? (rule === 0 ? 'no rule' : `rule ${rule}`) : reason;
  const parts = [
    `${action} (${by}${code === undefined ? '' : `, ${code}`})`,
    ...(exit === undefined ? [] : [`exit ${exit}`]),
    ...(truncated ? ['truncated'] : []),
    ...(place === 'out' && isReleasable ? ['original in quarantine'] : []),
    ...(released.length > 0 ? [`released ${released.length}x`] : []),
  ];
  return escapeText(parts.join(', '));
}

const whyLines = ({ why, released }: ListedDump): string[] => [
  ...why.map((line) => `    ${escapeText(line)}`),
  ...released.map(({ time, reason }) => `    released ${minute(time)}: ${escapeText(reason)}`),
];

function totals({ dumps, refused }: DumpList): string {
  const places = ['waiting', 'out', 'quarantine', ...GONE] as const;
  const counts = places.map((place) => `${place}: ${dumps.filter((dump) => dump.place === place).length}`);
  const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${count}`);
  const all = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return [...counts, `refused: ${all}${all === 0 ? '' : ` (${reasons.join(', ')})`}`].join(', ');
}

/** The values of the verb's options, by their names in the table. */
interface GuardReleaseValues {
  policy: string;
  reason?: string;
  output?: string;
}

function registerGuardRelease(guard: Command, finish: Finish): void {
  const command = guard
    .command('release')
    .description('hand over a dump of the quarantine, as it is sealed, with an entry in the log')
    .argument('<id>', 'id of the dump, or a beginning that only one has')
    .addHelpText(
      'after',
      `
The dump stays sealed to the responder, who opens it: age -d -i KEY FILE | zstd -dc > core. It also stays in
quarantine. Beside FILE there is FILE.info.age, if something was known of the process.

Exit status: 0 handed over; 2 the log has no entry of it, and nothing was; 3 wrong call or policy.`,
    );
  addExamples(command, [
    ['dumpsieve guard release 1796100025 --reason "incident 12" -o core.age'],
    ['dumpsieve guard release 1796100025 --reason "incident 12" -o - | ssh scan-host …'],
  ]);
  const { policy, reason, output, debug } = GUARD_OPTIONS;
  addFlags(command, [policy, reason, output, debug]).action(async (id: string) => {
    finish(await release(id, valuesOf<GuardReleaseValues>(command, GUARD_OPTIONS)));
  });
}

async function release(id: string, { policy: file, reason, output }: GuardReleaseValues): Promise<number> {
  if (reason === undefined) throw lacking('reason', '"why it is handed over"');
  if (output === undefined) throw lacking('output', 'FILE, or - for standard output');
  const policy = await policyOf(file);
  requireOtherOutput(GUARD_OPTIONS, { policy: file }, []);
  const { releaseDump } = await import('../index.js');
  const isStream = output === '-';
  const say = isStream ? printBeside : print;
  const onHead = (line: string): void => say(`${line}\n`);
  const released = await releaseDump(policy, {
    ...{ id, reason, onHead },
    output: isStream ? process.stdout : output,
  });
  say(summary(released));
  return EXIT.clean;
}

const lacking = (name: string, what: string): DumpsieveError =>
  new DumpsieveError({ code: 'wrong-call', message: `--${name} is missing`, hint: `say --${name} ${what}` });

function summary({ id, files, bytes, sha256 }: ReleasedDump): string {
  const lines = [
    `released: ${id}, ${bytes.toLocaleString('en-US')} bytes, still sealed`,
    `sha256: ${sha256}`,
    ...files.map((file) => `file: ${escapeText(file)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The values of the verb's options, by their names in the table. */
interface GuardCheckValues {
  policy: string;
  probe?: boolean;
  json?: boolean;
}

function registerGuardCheck(guard: Command, finish: Finish): void {
  const command = guard
    .command('check')
    .description('say whether the guard is in force, and how to mend what is wrong')
    .addHelpText(
      'after',
      `
Looks at the kernel's pattern, the handler and its settings, age and zstd, recipients, folders, disk, the
service, keys and where the identity lives, and at what kernel and handler have refused. Only --probe proves
that a dump arrives: the kernel says "core dumped" also where the handler failed.

Exit status: 0 in force; 1 something is wrong; 2 something could not be seen; 3 wrong call or policy.`,
    );
  addExamples(command, [
    ['dumpsieve guard check'],
    ['dumpsieve guard check --probe', 'and let a child crash'],
  ]);
  const { policy, probe, json, debug } = GUARD_OPTIONS;
  addFlags(command, [policy, probe, json, debug]).action(async () => {
    finish(await check(valuesOf<GuardCheckValues>(command, GUARD_OPTIONS)));
  });
}

async function check({ policy: file, probe = false, json }: GuardCheckValues): Promise<number> {
  const policy = await policyOf(file);
  requireOtherOutput(GUARD_OPTIONS, { policy: file }, []);
  const { checkGuard, maskText } = await import('../index.js');
  const { rows, exit } = await checkGuard(policy, { probe });
  print(json ? `${JSON.stringify({ exit, rows }, null, 2)}\n` : await maskText(linesOf(rows)));
  return exit;
}

const MARKS: Readonly<Record<CheckRow['state'], string>> = {
  ok: 'ok',
  wrong: 'WRONG',
  unknown: 'UNKNOWN',
  note: 'note',
};

function linesOf(rows: readonly CheckRow[]): string {
  const cells = rows.map(({ check, state, message }) => [MARKS[state], check, escapeText(message)]);
  const lines = tableLines([{}, {}, {}], cells);
  const indent = ' '.repeat(lines[0]?.indexOf(cells[0]?.[1] ?? '') ?? 0);
  const whole = rows.flatMap(({ hint }, i) => [
    lines[i]!,
    ...(hint === undefined ? [] : [`${indent}hint: ${escapeText(hint)}`]),
  ]);
  const wrong = rows.filter(({ state }) => state === 'wrong').length;
  return `${[...whole, wrong === 0 ? 'nothing is wrong' : `wrong: ${wrong}`].join('\n')}\n`;
}

/** The values of the verb's options, by their names in the table. */
interface Values {
  policy: string;
  once?: boolean;
}

function registerGuardWatch(guard: Command, finish: Finish): void {
  const command = guard
    .command('watch')
    .description('scan sealed dumps, and let redacted and verified copies leave: the service')
    .addHelpText(
      'after',
      `
Takes what the handler has sealed, and files of watched folders. Each dump is opened in a process of its own,
scanned, and then passed, redacted, quarantined or dropped, as the policy says. Verified copies are in out/
of the policy's state, each after its entry in the signed log; the newest head of the log is printed after
each entry.

Exit status with --once: 0 each dump has a copy in out/, or was dropped; 1 a dump was quarantined; 2 a dump
could not be dealt with, and is left; 3 wrong call or policy, or another guard serves the same state.`,
    );
  addExamples(command, [
    ['dumpsieve guard watch', 'the service'],
    ['dumpsieve guard watch --policy guard.yaml --once', 'for a job of CI: what is there now'],
  ]);
  addFlags(command, [GUARD_OPTIONS.policy, GUARD_OPTIONS.once], true).action(async () => {
    finish(await watch(valuesOf<Values>(command, GUARD_OPTIONS)));
  });
}

async function watch({ policy: file, once = false }: Values): Promise<number> {
  const { loadPolicy, watchDumps } = await import('../index.js');
  const policy = await loadPolicy(rawPath(file));
  const onHead = (line: string): void => print(`${line}\n`);
  const onProblem = ({ code, message, hint }: DumpsieveError): void =>
    void printMasked(`dumpsieve: ${code}: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`, []);
  return stoppable(
    false,
    ({ signal }) => watchDumps({ policy, once, signal, onHead, onProblem }),
    (result) => statusOf(result, once),
  );
}

/** A service that was stopped has done what it should. */
function statusOf({ quarantine, left }: WatchResult, once: boolean): number {
  if (!once) return EXIT.clean;
  if (quarantine > 0) return EXIT.findings;
  return left > 0 ? EXIT.incomplete : EXIT.clean;
}

/** One row a verb of `guard`. */
const verbs = [registerGuardWatch, registerGuardCheck, registerGuardList, registerGuardRelease];

export function registerGuard(program: Command, finish: Finish): void {
  const command = program
    .command('guard')
    .description(
      'guard a machine: scan dumps that were sealed where they arose, and let verified copies leave',
    );
  addExamples(command, [
    ['dumpsieve guard watch', 'the service'],
    ['dumpsieve guard check --probe', 'is it in force?'],
    ['dumpsieve guard list --why'],
  ]);
  for (const register of verbs) register(command, finish);
}

/** Where systemd puts the credentials of the service: root reads them there, too, while it runs. */
const CREDENTIALS = '/run/credentials/dumpsieve-guard.service';

/** Loads the policy of a verb beside the service. */
async function policyOf(file: string): Promise<Policy> {
  const { loadPolicy } = await import('../index.js');
  return loadPolicy(rawPath(file), { CREDENTIALS_DIRECTORY: CREDENTIALS, ...process.env });
}

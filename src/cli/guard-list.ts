import type { Command } from 'commander';
import { DumpsieveError, EXIT } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import { GUARD_OPTIONS } from '../core/options/guard-table.js';
import type { DumpList, ListedDump } from '../index.js';
import { printMasked } from './failure.js';
import { addFlags, valuesOf } from './flags.js';
import { policyOf } from './guard-policy.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import { requireOtherOutput } from './standard-output.js';
import { tableLines, terminalWidth } from './table.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  policy: string;
  why?: boolean;
  all?: boolean;
  json?: boolean;
}

export function registerGuardList(guard: Command, finish: Finish): void {
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
    finish(await list(id, valuesOf<Values>(command, GUARD_OPTIONS)));
  });
}

async function list(id: string | undefined, { policy: file, why, all, json }: Values): Promise<number> {
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

import type { Command } from 'commander';
import { escapeText } from '../core/base/text/escape.js';
import { GUARD_OPTIONS } from '../core/options/guard-table.js';
import type { CheckRow } from '../index.js';
import { addFlags, valuesOf } from './flags.js';
import { policyOf } from './guard-policy.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import { requireOtherOutput } from './standard-output.js';
import { tableLines } from './table.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  policy: string;
  probe?: boolean;
  json?: boolean;
}

export function registerGuardCheck(guard: Command, finish: Finish): void {
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
    finish(await check(valuesOf<Values>(command, GUARD_OPTIONS)));
  });
}

async function check({ policy: file, probe = false, json }: Values): Promise<number> {
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

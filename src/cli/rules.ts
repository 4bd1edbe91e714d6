import type { Command } from 'commander';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { RuleCheck } from '../check.js';
import { addFlags, RULE_FLAGS } from './flags.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import type { Finish } from './program.js';

interface RuleFlags {
  rules?: string[];
  json?: boolean;
}

const folders = ({ rules }: RuleFlags) => (rules === undefined ? {} : { ruleFolders: rules });

export function registerRules(program: Command, finish: Finish): void {
  const command = program
    .command('rules')
    .description('list, show and check the rules that say what counts as a leaked secret');
  addExamples(command, [
    ['dumpsieve rules list'],
    ['dumpsieve rules show github-token'],
    ['dumpsieve rules check --rules my-rules/'],
  ]);
  const verb = (name: string, description: string, example: string): Command =>
    addExamples(addFlags(command.command(name).description(description), RULE_FLAGS), [[example]]);
  verb('list', 'one line a rule', 'dumpsieve rules list --json').action(async (flags: RuleFlags) =>
    finish(await list(flags)),
  );
  verb('show', 'everything about one rule', 'dumpsieve rules show github-token')
    .argument('<id>', 'id of a rule, as in rules list')
    .action(async (id: string, flags: RuleFlags) => finish(await show(id, flags)));
  verb(
    'check',
    'run every example and counterexample through kernel and detector',
    'dumpsieve rules check --rules my-rules/',
  ).action(async (flags: RuleFlags) => finish(await check(flags)));
}

async function list(flags: RuleFlags): Promise<number> {
  const { listRules } = await import('../index.js');
  const rules = await listRules(folders(flags));
  if (flags.json) {
    print(
      `${JSON.stringify(
        rules.map(({ id, name, kind, severity, signing }) => ({ id, name, kind, severity, signing })),
        null,
        2,
      )}\n`,
    );
    return 0;
  }
  const width = Math.max(...rules.map(({ id }) => id.length));
  for (const { id, severity, kind, name } of rules) {
    print(`${id.padEnd(width)}  ${severity.padEnd(8)}  ${kind.padEnd(13)}  ${name}\n`);
  }
  return 0;
}

async function show(id: string, flags: RuleFlags): Promise<number> {
  const { listRules } = await import('../index.js');
  const [rule] = await listRules({ ...folders(flags), only: [id] });
  if (rule === undefined)
    throw new DumpsieveError({ code: 'unknown-rule', message: `there is no rule ${id}` });
  const anchors = rule.anchors.map(({ bytes, text }) => Buffer.from(bytes).toString(text ? 'latin1' : 'hex'));
  // Without examples: joined, they look like live tokens to other scanners.
  const { examples, counterexamples, lines: _lines, ...shown } = rule;
  const whole = {
    ...shown,
    anchors,
    ...(rule.near ? { near: rule.near.within } : {}),
    examples: examples.length,
    counterexamples: counterexamples.length,
  };
  if (flags.json) print(`${JSON.stringify(whole, null, 2)}\n`);
  else for (const [key, value] of Object.entries(whole)) print(`${key.padEnd(16)} ${shownAs(value)}\n`);
  return 0;
}

function shownAs(value: unknown): string {
  if (Array.isArray(value)) return value.join('  ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A file's name and a rule's text may hold a misplaced secret. */
async function maskedProblem({ source, ruleId, message }: RuleCheck['problems'][number]) {
  const { maskText } = await import('../index.js');
  const texts = [source, ruleId, message].map((text) => maskText(text));
  const [file, id, what] = await Promise.all(texts);
  return { source: file!, ruleId: id!, message: what! };
}

async function check(flags: RuleFlags): Promise<number> {
  const { checkRules } = await import('../index.js');
  const { rules, examples, counterexamples, problems: found } = await checkRules(folders(flags));
  const problems = await Promise.all(found.map(maskedProblem));
  if (flags.json) print(`${JSON.stringify({ rules, examples, counterexamples, problems }, null, 2)}\n`);
  else {
    for (const { source, ruleId, message } of problems) print(`${source}: rule ${ruleId}: ${message}\n`);
    const counts = `${rules} rules, ${examples} examples, ${counterexamples} counterexamples`;
    print(`${counts}, ${problems.length} problems\n`);
  }
  return problems.length === 0 ? 0 : 3;
}

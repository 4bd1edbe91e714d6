import type { Command } from 'commander';
import type { RuleCheck } from '../api/check.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { OptionRow } from '../core/options/table.js';
import { addFlags, CORPUS_FLAGS, RULE_FLAGS, SELECTION_FLAGS } from './flags.js';
import type { Finish } from './help.js';
import { addExamples, type Example } from './help.js';
import { print } from './print.js';
import { requireOtherOutput } from './standard-output.js';
import { tableLines, terminalWidth } from './table.js';

interface RuleFlags {
  rules?: string[];
  only?: string[];
  skip?: string[];
  json?: boolean;
}

interface CheckFlags extends RuleFlags {
  corpus?: string[];
}

const selected = ({ rules, only, skip }: RuleFlags) => definedFields({ ruleFolders: rules, only, skip });

export function registerRules(program: Command, finish: Finish): void {
  const command = program
    .command('rules')
    .description('list, show, check and try the rules that say what a leaked secret is');
  addExamples(command, [
    ['dumpsieve rules list'],
    ['dumpsieve rules show github-token'],
    ['dumpsieve rules check --rules my-rules/'],
    ['dumpsieve rules test github-token config.txt', 'why it fails the gate or does not'],
  ]);
  const verb = (
    name: string,
    description: string,
    examples: readonly Example[],
    flags: readonly OptionRow[] = [],
  ): Command =>
    addExamples(
      addFlags(command.command(name).description(description), [...RULE_FLAGS, ...flags]),
      examples,
    );
  verb(
    'list',
    'one line a rule',
    [['dumpsieve rules list --json'], ["dumpsieve rules list --only 'service:*'", 'a group of rules']],
    SELECTION_FLAGS,
  ).action(async (flags: RuleFlags) => finish(await list(flags)));
  verb('show', 'everything about one rule', [['dumpsieve rules show github-token']])
    .argument('<id>', 'id of a rule, as in rules list')
    .action(async (id: string, flags: RuleFlags) => finish(await show(id, flags)));
  verb(
    'check',
    'run every example and counterexample through kernel and detector',
    [
      ['dumpsieve rules check --rules my-rules/'],
      ['dumpsieve rules check --corpus /usr/lib', 'what rules and anchors cost and find there'],
    ],
    [...SELECTION_FLAGS, ...CORPUS_FLAGS],
  ).action(async (flags: CheckFlags) => finish(await check(flags)));
  verb('test', 'explain step by step why a text fails the gate by a rule, or why it does not', [
    ['dumpsieve rules test github-token config.txt'],
    ['printenv | dumpsieve rules test named-secret:jwt-secret -'],
  ])
    .argument('<id>', 'id of a rule, as in rules list')
    .argument('<file>', 'file with the text, or - for standard input')
    .action(async (id: string, file: string, flags: RuleFlags) => {
      requireOtherOutput({}, {}, [file]);
      finish(await test(id, file, flags));
    });
}

async function test(id: string, file: string, flags: RuleFlags): Promise<number> {
  const { testRule } = await import('../index.js');
  const result = await testRule(id, file, selected(flags));
  if (flags.json) {
    print(`${JSON.stringify(result, null, 2)}\n`);
    return 0;
  }
  const { testLines } = await import('./rules-test.js');
  print(`${testLines(result, terminalWidth()).join('\n')}\n`);
  return 0;
}

async function list(flags: RuleFlags): Promise<number> {
  const { listRules } = await import('../index.js');
  const rules = await listRules(selected(flags));
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
  const rows = rules.map(({ id, severity, kind, name }) => [id, severity, kind, name]);
  print(`${tableLines([{ most: 40 }, {}, {}, {}], rows, terminalWidth()).join('\n')}\n`);
  return 0;
}

async function show(id: string, flags: RuleFlags): Promise<number> {
  const { listRules } = await import('../index.js');
  const [rule] = await listRules({ ...selected(flags), only: [id] });
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

async function check(flags: CheckFlags): Promise<number> {
  const { checkCorpus, checkRules } = await import('../index.js');
  const { rules, examples, counterexamples, problems: found } = await checkRules(selected(flags));
  const problems = await Promise.all(found.map(maskedProblem));
  const corpus = flags.corpus && (await checkCorpus(flags.corpus, selected(flags)));
  if (flags.json) {
    const whole = { rules, examples, counterexamples, problems, ...definedFields({ corpus }) };
    print(`${JSON.stringify(whole, null, 2)}\n`);
  } else {
    for (const { source, ruleId, message } of problems) print(`${source}: rule ${ruleId}: ${message}\n`);
    const counts = `${rules} rules, ${examples} examples, ${counterexamples} counterexamples`;
    print(`${counts}, ${problems.length} problems\n`);
    const { corpusLines } = await import('./rules-corpus.js');
    if (corpus) print(`\n${corpusLines(corpus, terminalWidth()).join('\n')}\n`);
  }
  return problems.length === 0 ? 0 : 3;
}

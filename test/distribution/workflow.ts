import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runProgram } from '../support/cli.js';
import { program } from '../support/programs.js';

/**
 * The subset of GitHub's workflow language that our own files use: sequential steps, `run` in bash, `uses` by
 * a table, inputs, outputs, `if` with status functions, `&&`, `==` and `!=`. Anything else is an error, not
 * skipped.
 */

export interface Step {
  name?: string;
  id?: string;
  if?: string;
  run?: string;
  uses?: string;
  shell?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

export interface Action {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { using: string; steps: Step[] };
}

type Values = Record<string, string>;

/** The action behind a `uses:`, given its `with:`. Returns its outputs, and its status if it fails. */
export type Uses = (values: Values) => Promise<{ status?: number; outputs?: Values }>;

export interface Runner {
  /** The checkout: where steps start. */
  cwd: string;
  /** RUNNER_TEMP; must exist. */
  temp: string;
  uses?: Readonly<Record<string, Uses>>;
  /** The action's own files (GITHUB_ACTION_PATH); this repository if absent. */
  actionPath?: string;
  /** Additional environment variables of the job. */
  env?: Values;
}

export interface Done {
  /** 0, or the status of the first step that failed. */
  status: number;
  /** Names of the steps that ran. */
  ran: string[];
  outputs: Record<string, Values>;
  /** What was written to GITHUB_STEP_SUMMARY. */
  summary: string;
  log: string;
}

export function readYaml<T>(path: string): T {
  return parse(readFileSync(asset(path), 'utf8')) as T;
}

/** Runs steps as a job or a composite action does. */
export async function runSteps(steps: readonly Step[], runner: Runner, inputs: Values = {}): Promise<Done> {
  const done: Done = { status: 0, ran: [], outputs: {}, summary: '', log: '' };
  const lookup = (path: string): string => {
    const [root, name = '', ...rest] = path.split('.');
    if (root === 'inputs' && name in inputs) return inputs[name] ?? '';
    if (path === 'runner.temp') return runner.temp;
    if (root === 'steps' && rest[0] === 'outputs') return done.outputs[name]?.[rest[1] ?? ''] ?? '';
    throw new Error(`unknown expression ${path}`);
  };
  const expand = (text: string): string => text.replace(/\$\{\{ *(\S+) *\}\}/g, (_, path) => lookup(path));
  for (const [i, step] of steps.entries()) {
    if (!wanted(step.if ?? '', done.status, lookup)) continue;
    const name = step.name ?? step.uses ?? `step ${i}`;
    done.ran.push(name);
    const values = (given: Values = {}) =>
      Object.fromEntries(Object.entries(given).map(([key, value]) => [key, expand(String(value))]));
    const { status, outputs } = step.uses
      ? await callUses(step.uses, values(step.with), runner)
      : await runScript(expand(step.run ?? ''), values(step.env), runner, done);
    if (step.id !== undefined) done.outputs[step.id] = outputs ?? {};
    if (done.status === 0) done.status = status ?? 0;
  }
  return done;
}

/** The outputs of a composite action. */
export function outputsOf(action: Action, done: Done): Values {
  return Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => {
      const [, step = '', output = ''] = /^\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}$/.exec(value) ?? [];
      return [name, done.outputs[step]?.[output] ?? ''];
    }),
  );
}

/**
 * The workflow commands that a runner finds in a step's log: `::name …::` at the start of a line after
 * optional spaces, or the older `##[name …]` anywhere in it, except between `::stop-commands::TOKEN` and
 * `::TOKEN::`.
 */
export function commandsIn(log: string): string[] {
  const commands: string[] = [];
  let token: string | undefined;
  for (const line of log.split('\n')) {
    const [, name, text] =
      /^\s*::([\w-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? /##\[([\w-]+)(?: [^\]]*)?\](.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (token !== undefined) token = name === token ? undefined : token;
    else if (name === 'stop-commands') token = text;
    else commands.push(name);
  }
  return commands;
}

function wanted(condition: string, status: number, lookup: (path: string) => string): boolean {
  const terms = condition.split('&&').map((term) => term.trim());
  const speaksOfStatus = /\b(always|failure|success)\(\)/.test(condition);
  if (!speaksOfStatus && status !== 0) return false;
  return terms.every((term) => {
    if (term === '' || term === 'always()') return true;
    if (term === 'failure()') return status !== 0;
    if (term === 'success()') return status === 0;
    const [, path = '', operator, text] = /^(\S+) (==|!=) '(.*)'$/.exec(term) ?? [];
    return (lookup(path) === text) === (operator === '==');
  });
}

async function callUses(name: string, values: Values, { uses = {} }: Runner) {
  const call = uses[name];
  if (call === undefined) throw new Error(`the test does not know ${name}`);
  return call(values);
}

async function runScript(script: string, env: Values, runner: Runner, done: Done) {
  const folder = mkdtempSync(join(runner.temp, 'step-'));
  const files = {
    output: join(folder, 'output'),
    summary: join(folder, 'summary'),
    script: join(folder, 'run.sh'),
  };
  for (const file of [files.output, files.summary]) appendFileSync(file, '');
  writeFileSync(files.script, script);
  // The command line of `shell: bash` on GitHub.
  const result = await runProgram(
    program('bash'),
    ['--noprofile', '--norc', '-eo', 'pipefail', files.script],
    {
      cwd: runner.cwd,
      env: {
        ...runner.env,
        ...env,
        RUNNER_TEMP: runner.temp,
        GITHUB_ACTION_PATH: runner.actionPath ?? fileURLToPath(asset('.')),
        GITHUB_OUTPUT: files.output,
        GITHUB_STEP_SUMMARY: files.summary,
      },
    },
  );
  done.log += `${result.stdout}${result.stderr}`;
  done.summary += readFileSync(files.summary, 'utf8');
  const lines = readFileSync(files.output, 'utf8').split('\n').filter(Boolean);
  const outputs = Object.fromEntries(
    lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  return { status: result.status ?? 1, outputs };
}

/** A pattern of pre-commit in JavaScript: `x` ignores blanks, `i` is of the whole. */
export const namePattern = (files: string): RegExp =>
  new RegExp(files.replace('(?ix)', '').replace(/\s+/g, ''), 'i');

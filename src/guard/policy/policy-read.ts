import { resolve } from 'node:path';
import type { z } from 'zod';
import { definedFields } from '../../core/base/runtime/defined.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { closest } from '../../core/base/text/suggest.js';
import { type Path, parseYaml, unknownName } from '../../core/base/text/yaml.js';
import type { Environment, Policy, PolicyRule, WatchRow } from './policy.js';
import { checksOf } from './policy-conditions.js';
import { ruleMistakes } from './policy-mistakes.js';
import {
  bytesOf,
  EXAMPLES,
  FIELDS,
  fractionOf,
  millisecondsOf,
  type PolicyRuleSource,
  type PolicySource,
  policyShape,
} from './policy-schema.js';

/** A mistake at a place of the file. */
export interface PolicyMistake {
  path: Path;
  message: string;
}

type ReadPolicy = { policy: Omit<Policy, 'sha256'> } | { mistakes: string[] };

/**
 * Reads the content of a policy. `name` is for messages, `folder` what relative paths start from. Loads yaml
 * and zod.
 */
export function readPolicy(
  name: string,
  content: string,
  folder: string,
  environment: Environment,
): ReadPolicy {
  const yaml = parseYaml(name, content);
  if ('problems' in yaml) return { mistakes: yaml.problems };
  const at = ({ path, message }: PolicyMistake) => `${name}:${yaml.lineOf(path)}: ${placeOf(path)}${message}`;
  const shaped = policyShape.safeParse(yaml.value ?? {});
  if (!shaped.success)
    return { mistakes: shaped.error.issues.flatMap((issue) => ofIssue(issue, yaml.value)).map(at) };
  const reader = new PolicyReader(folder, environment, yaml.lineOf);
  const policy = reader.read(shaped.data);
  return reader.mistakes.length > 0 ? { mistakes: reader.mistakes.map(at) } : { policy };
}

const ENTRIES: Readonly<Record<string, string>> = {
  rules: 'rule',
  watch: 'watched folder',
  notify: 'argument',
};

/** `rule 3, field "exit": `, `field "sign": `, or nothing for the whole file. */
function placeOf([map, index, field]: Path): string {
  if (map === undefined) return '';
  if (typeof index !== 'number')
    return `field "${[map, ...(index === undefined ? [] : [index])].map(String).join('.')}": `;
  const entry = `${ENTRIES[String(map)] ?? String(map)} ${index + 1}`;
  return typeof field === 'string' ? `${entry}, field "${field}": ` : `${entry}: `;
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | null | undefined)?.[part], value);

function ofIssue(issue: z.core.$ZodIssue, value: unknown): PolicyMistake[] {
  const { path } = issue;
  const field = String(path.at(-1) ?? '');
  if (issue.code === 'unrecognized_keys') {
    const known = FIELDS[String(path[0] ?? '')] ?? [];
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownName('field', key, known) }));
  }
  const given = valueAt(value, path);
  if (given === undefined && path.length > 0)
    return [{ path, message: `is missing: write ${EXAMPLES[field] ?? field}` }];
  if (issue.code === 'invalid_union') {
    // One value or a list of them: the branch of the right type has the reason.
    const branch = issue.errors[Array.isArray(given) ? 1 : 0] ?? issue.errors[0];
    const inner = branch?.[0];
    if (inner !== undefined && issue.message === 'Invalid input')
      return ofIssue({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, value);
  }
  return [{ path, message: issue.message + suggestion(issue, given) }];
}

function suggestion(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code !== 'invalid_value' || typeof given !== 'string') return '';
  const guess = closest(given, issue.values.map(String));
  return guess === undefined ? '' : `: did you mean ${guess}?`;
}

const VARIABLE = /\$\{([^}]*)\}?/g;
const VARIABLE_NAME = /^[A-Za-z_]\w*$/;

const DEFAULTS = {
  disk: '20%',
  time: '30m',
  memory: '1G',
  attempts: 2,
  quiet: '10s',
  loop: { keep: 2, per: '1h' },
};

/** Reads a file of the right shape, and collects what is wrong all the same. */
class PolicyReader {
  readonly mistakes: PolicyMistake[] = [];
  readonly #folder: string;
  readonly #watchedFolders = new Set<string>();
  readonly #environment: Environment;
  readonly #lineOf: (path: Path) => number;

  constructor(folder: string, environment: Environment, lineOf: (path: Path) => number) {
    this.#folder = folder;
    this.#environment = environment;
    this.#lineOf = lineOf;
  }

  read(source: PolicySource): Omit<Policy, 'sha256'> {
    const { identity, user, limits = {}, loop = DEFAULTS.loop, retain = {}, rules = [], notify } = source;
    this.mistakes.push(...ruleMistakes(source));
    const resolved = rules.map((rule, i) => this.#withPaths(rule, ['rules', i]));
    const time = (text: string | undefined) => (text === undefined ? undefined : millisecondsOf(text));
    return {
      ...this.#paths(source, ['recipients', 'responder', 'sign', 'state']),
      ...definedFields({
        identity: identity === undefined ? undefined : this.#path(identity, ['identity']),
        user,
        notify: notify && this.#command(notify),
      }),
      disk: fractionOf(source.disk ?? DEFAULTS.disk),
      limits: {
        time: millisecondsOf(limits.time ?? DEFAULTS.time),
        memory: bytesOf(limits.memory ?? DEFAULTS.memory),
        attempts: limits.attempts ?? DEFAULTS.attempts,
      },
      loop: { keep: loop.keep, per: millisecondsOf(loop.per) },
      retain: definedFields({ out: time(retain.out), quarantine: time(retain.quarantine) }),
      watch: (source.watch ?? []).map((row, i) => this.#watched(row, ['watch', i])),
      rules: resolved.map((rule, i) => this.#rule(rule, ['rules', i])),
      find: [...new Set(resolved.flatMap(({ find = [] }) => find))],
    };
  }

  #fail(path: Path, message: string): void {
    this.mistakes.push({ path, message });
  }

  #paths<K extends 'recipients' | 'responder' | 'sign' | 'state'>(
    source: PolicySource,
    names: readonly K[],
  ): Record<K, string> {
    return Object.fromEntries(names.map((name) => [name, this.#path(source[name], [name])])) as Record<
      K,
      string
    >;
  }

  /** An absolute path, with variables of the environment. */
  #path(text: string, path: Path): string {
    const whole = text.replace(VARIABLE, (_, name: string) => {
      const isName = VARIABLE_NAME.test(name);
      const value = isName ? this.#environment[name] : undefined;
      if (!isName) this.#fail(path, `a variable is written \${NAME}, of letters, digits and _`);
      else if (value === undefined || value === '')
        this.#fail(path, `the environment has no ${name}: set it, or write the path itself`);
      return value ?? '';
    });
    return resolve(this.#folder, whole);
  }

  #command(notify: readonly string[]): string[] {
    const [program = '', ...args] = notify;
    // The guard may be root: PATH must not choose what it runs.
    if (!/[\\/]/.test(program)) this.#fail(['notify', 0], 'is no path: write the whole path of the program');
    return [this.#path(program, ['notify', 0]), ...args];
  }

  #watched(row: NonNullable<PolicySource['watch']>[number], path: Path): WatchRow {
    const { pattern = '*', quiet = DEFAULTS.quiet, original } = row;
    if (/[\\/]/.test(pattern))
      this.#fail(
        [...path, 'pattern'],
        'is about names: write a row for each folder, without / in the pattern',
      );
    const folder = this.#path(row.path, [...path, 'path']);
    if (this.#watchedFolders.has(folder))
      this.#fail(
        [...path, 'path'],
        'is watched already: write one row, with a pattern such as {*.dmp,*.core}',
      );
    this.#watchedFolders.add(folder);
    return { path: folder, pattern, quiet: millisecondsOf(quiet), original, line: this.#lineOf(path) };
  }

  #withPaths(rule: PolicyRuleSource, path: Path): PolicyRuleSource & { find?: string[] } {
    const { find, ...rest } = rule;
    if (find === undefined) return rest;
    const isDigest = (text: string) => /^sha256:/i.test(text);
    const files = [find].flat().map((text) => (isDigest(text) ? text : this.#path(text, [...path, 'find'])));
    return { ...rest, find: files };
  }

  #rule(source: PolicyRuleSource, path: Path): PolicyRule {
    const { action, keep, notify = false, truncated, 'accept-limits': acceptLimits } = source;
    return {
      action,
      ...definedFields({ keep: action === 'redact' ? (keep ?? 'all') : undefined, acceptLimits, truncated }),
      notify,
      line: this.#lineOf(path),
      checks: this.#checks(source, path),
    };
  }

  #checks(source: PolicyRuleSource, path: Path): PolicyRule['checks'] {
    try {
      return checksOf(source);
    } catch (error) {
      if (!(error instanceof DumpsieveError)) throw error;
      this.#fail(path, `${error.message}: ${error.hint}`);
      return [];
    }
  }
}

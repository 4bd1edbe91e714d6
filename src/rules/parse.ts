import type { z } from 'zod';
import { LISTED_MISTAKES } from '../core/base/text/mistakes.js';
import { type Path, parseYaml, unknownName } from '../core/base/text/yaml.js';
import type { BundledRule } from './hydrate.js';
import { FIELDS, type RuleSource, ruleSchema } from './schema.js';
import type { Lines } from './types.js';
import { nameSchema, ruleOfName, ruleOfService, serviceSchema } from './value-schema.js';

/** What an entry of a rule file is: its schema, the field that names it, and its rule. */
interface EntryKind<S extends z.ZodType = z.ZodType> {
  noun: string;
  id: string;
  idSchema: z.ZodType<string>;
  schema: S;
  fields: readonly string[];
  ruleOf(entry: z.output<S>): Omit<BundledRule, 'source'>;
}

const kind = <S extends z.ZodType>(each: EntryKind<S>): EntryKind => each as EntryKind;

const KINDS = {
  rule: kind({
    ...{ noun: 'rule', id: 'id', idSchema: ruleSchema.shape.id, schema: ruleSchema, fields: FIELDS },
    ruleOf: (rule) => rule,
  }),
  name: kind({
    ...{ noun: 'name', id: 'name', idSchema: nameSchema.shape.name, schema: nameSchema },
    ...{ fields: Object.keys(nameSchema.shape), ruleOf: ruleOfName },
  }),
  service: kind({
    ...{ noun: 'service', id: 'service', idSchema: serviceSchema.shape.service, schema: serviceSchema },
    ...{ fields: Object.keys(serviceSchema.shape), ruleOf: ruleOfService },
  }),
};

/** A rule has a name too, and may lack its id by mistake. */
function kindOf(item: unknown): EntryKind {
  const has = (key: string) => typeof item === 'object' && item !== null && key in item;
  if (has('service')) return KINDS.service;
  const isRule = ['id', 'anchors', 'pattern', 'detector', 'near', 'window', 'examples'].some(has);
  return has('name') && !isRule ? KINDS.name : KINDS.rule;
}

/** The valid rules of one file, and a line for each of its first mistakes. */
export interface ParsedFile {
  rules: BundledRule[];
  /** `rules/github.yaml:12: rule "github-token", field "severity": …`. Never repeats a value. */
  problems: string[];
  /** Mistakes after those. */
  further: number;
}

const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : String(part)))
    .join('.')
    .replaceAll('.[', '[');

/** Places and messages of one issue; unknown keys are reported one by one. */
function explain(
  issue: z.core.$ZodIssue,
  fields: readonly string[],
): { path: Path; field: string; message(): string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      field: dotted(issue.path),
      // Names are suggested at the top level only.
      message: () => unknownName('field', key, issue.path.length === 0 ? fields : []),
    }));
  // A union reports only "Invalid input"; the first branch of the right type has the reason.
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((errors) => errors.every((error) => error.code !== 'invalid_type'));
    const inner = branch?.[0];
    if (inner !== undefined)
      return explain({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, fields);
    return [
      {
        path: issue.path,
        field: dotted(issue.path),
        message: () => 'must be a text, or a map such as {hex: "…"}',
      },
    ];
  }
  return [{ path: issue.path, field: dotted(issue.path), message: () => issue.message }];
}

/** True if the item has no value at `path`. */
function isMissing(item: unknown, path: Path): boolean {
  const value = path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | null | undefined)?.[part],
    item,
  );
  return value === undefined;
}

/** Lines of the fields that are checked later: ids (for duplicates) and examples. */
function linesOf(
  rule: Pick<RuleSource, 'examples' | 'counterexamples'>,
  id: string,
  at: (...path: PropertyKey[]) => number,
): Lines {
  const lines: Record<string, number> = { id: at(id) };
  for (const field of ['examples', 'counterexamples'] as const) {
    lines[field] = at(field);
    for (const index of rule[field].keys()) lines[`${field}[${index}]`] = at(field, index);
  }
  return lines;
}

/** Parses and validates one file; `name` is for messages. */
export function parseRuleFile(name: string, content: string): ParsedFile {
  const file = parseYaml(name, content);
  if ('problems' in file) return { rules: [], problems: file.problems, further: 0 };
  const { value: list, lineOf } = file;
  if (!Array.isArray(list))
    return {
      rules: [],
      problems: [`${name}:1: a rule file is a list: each rule starts with "- id:"`],
      further: 0,
    };
  const parsed: ParsedFile = { rules: [], problems: [], further: 0 };
  list.forEach((item: unknown, index) => {
    const { noun, id, idSchema, schema, fields, ruleOf } = kindOf(item);
    const result = schema.safeParse(item);
    if (result.success) {
      const at = (...path: PropertyKey[]) => lineOf([index, ...path]);
      const rule = ruleOf(result.data);
      parsed.rules.push({ ...rule, source: `${name}:${at()}`, lines: linesOf(rule, id, at) });
      return;
    }
    const shape = idSchema.safeParse((item as Record<string, unknown> | null)?.[id]);
    const entry = shape.success ? `${noun} "${shape.data}"` : `${noun} ${index + 1}`;
    for (const { path, field, message: what } of result.error.issues.flatMap((each) =>
      explain(each, fields),
    )) {
      // Lines and suggestions for 100,000 mistakes would take minutes.
      if (parsed.problems.length === LISTED_MISTAKES) {
        parsed.further++;
        continue;
      }
      const message = isMissing(item, path)
        ? what().replace(/^Invalid.*?expected (.*?)(?:, received .*)?$/, 'is missing, expected $1')
        : what();
      const line = lineOf([index, ...path]);
      parsed.problems.push(
        `${name}:${line}: ${entry}${field === '' ? '' : `, field "${field}"`}: ${message}`,
      );
    }
  });
  return parsed;
}

import type { z } from 'zod';
import { type Path, parseYaml, unknownName } from '../base/text/yaml.js';
import type { BundledRule } from './hydrate.js';
import type { Lines } from './place.js';
import { FIELDS, type RuleSource, ruleSchema } from './schema.js';

/** The valid rules of one file, and a line for each mistake. */
export interface ParsedFile {
  rules: BundledRule[];
  /** `rules/github.yaml:12: rule "github-token", field "severity": …`. Never repeats a value. */
  problems: string[];
}

const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : String(part)))
    .join('.')
    .replaceAll('.[', '[');

/** Places and messages of one issue; unknown keys are reported one by one. */
function explain(issue: z.core.$ZodIssue): { path: Path; field: string; message: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      field: dotted(issue.path),
      // Names are suggested at the top level only.
      message: unknownName('field', key, issue.path.length === 0 ? FIELDS : []),
    }));
  // A union reports only "Invalid input"; the first branch of the right type has the reason.
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((errors) => errors.every((error) => error.code !== 'invalid_type'));
    const inner = branch?.[0];
    if (inner !== undefined)
      return explain({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue);
    return [
      { path: issue.path, field: dotted(issue.path), message: 'must be a text, or a map such as {hex: "…"}' },
    ];
  }
  return [{ path: issue.path, field: dotted(issue.path), message: issue.message }];
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
function linesOf(rule: RuleSource, at: (...path: PropertyKey[]) => number): Lines {
  const lines: Record<string, number> = { id: at('id') };
  for (const field of ['examples', 'counterexamples'] as const) {
    lines[field] = at(field);
    for (const index of rule[field].keys()) lines[`${field}[${index}]`] = at(field, index);
  }
  return lines;
}

/** Parses and validates one file; `name` is for messages. */
export function parseRuleFile(name: string, content: string): ParsedFile {
  const file = parseYaml(name, content);
  if ('problems' in file) return { rules: [], problems: file.problems };
  const { value: list, lineOf } = file;
  if (!Array.isArray(list))
    return { rules: [], problems: [`${name}:1: a rule file is a list: each rule starts with "- id:"`] };
  const parsed: ParsedFile = { rules: [], problems: [] };
  list.forEach((item: unknown, index) => {
    const result = ruleSchema.safeParse(item);
    if (result.success) {
      const at = (...path: PropertyKey[]) => lineOf([index, ...path]);
      parsed.rules.push({ ...result.data, source: `${name}:${at()}`, lines: linesOf(result.data, at) });
      return;
    }
    const id = (item as { id?: unknown } | null)?.id;
    const shape = ruleSchema.shape.id.safeParse(id);
    const rule = shape.success ? `rule "${shape.data}"` : `rule ${index + 1}`;
    for (const { path, field, message: what } of result.error.issues.flatMap(explain)) {
      const message = isMissing(item, path)
        ? what.replace(/^Invalid.*?expected (.*?)(?:, received .*)?$/, 'is missing, expected $1')
        : what;
      const line = lineOf([index, ...path]);
      parsed.problems.push(`${name}:${line}: ${rule}${field === '' ? '' : `, field "${field}"`}: ${message}`);
    }
  });
  return parsed;
}

import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { closest } from '../suggest.js';
import type { BundledRule } from './hydrate.js';
import { FIELDS, ruleSchema } from './schema.js';

/** What one rule file holds: valid rules, and a line for each mistake. */
export interface ParsedFile {
  rules: BundledRule[];
  /** `rules/github.yaml:12: rule "github-token", field "severity": …`. Nothing of a field's value. */
  problems: string[];
}

type Path = readonly PropertyKey[];

/** A rule file of more characters than this is refused: it is no rule file. */
const FILE_MAX = 4 * 1024 * 1024;

/** A name that can be repeated in a message: too short and too plain to be a secret. */
const plain = (name: string): boolean => /^[A-Za-z_-]{1,24}$/.test(name);

const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : String(part)))
    .join('.')
    .replaceAll('.[', '[');

/** The key that leads to `path`, else its value, else the nearest parent that exists. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const parent = depth === 0 ? undefined : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent) ? keyOf(parent, path[depth - 1]) : undefined;
    const node = pair ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function keyOf(map: YAMLMap, name: PropertyKey | undefined): unknown {
  return map.items.find(({ key }) => isScalar(key) && key.value === name)?.key;
}

function unknownField(key: string, atTop: boolean): string {
  const guess = atTop ? closest(key, FIELDS) : undefined;
  return `unknown field${plain(key) ? ` "${key}"` : ''}${guess === undefined ? '' : ` (did you mean "${guess}"?)`}`;
}

/** Places and messages of one issue: an unknown key is reported at the key. */
function explain(issue: z.core.$ZodIssue): { path: Path; field: string; message: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      field: dotted(issue.path),
      message: unknownField(key, issue.path.length === 0),
    }));
  // A union says only "Invalid input"; the first branch that got beyond the type says what is wrong.
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

/** Parses and validates one file; `name` stands in the messages. */
export function parseRuleFile(name: string, content: string): ParsedFile {
  if (content.length > FILE_MAX) return { rules: [], problems: [`${name}: larger than any rule file`] };
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return {
      rules: [],
      problems: document.errors.map(
        // The parser's words may quote the file; its code does not.
        ({ code, pos }) =>
          `${name}:${lines.linePos(pos[0]).line}: not YAML: ${code.toLowerCase().replaceAll('_', ' ')}`,
      ),
    };
  let list: unknown;
  try {
    list = document.toJS();
  } catch {
    return { rules: [], problems: [`${name}:1: too many aliases`] };
  }
  if (!Array.isArray(list))
    return { rules: [], problems: [`${name}:1: a rule file is a list: each rule starts with "- id:"`] };
  const parsed: ParsedFile = { rules: [], problems: [] };
  list.forEach((item: unknown, index) => {
    const result = ruleSchema.safeParse(item);
    if (result.success) {
      parsed.rules.push({ ...result.data, source: `${name}:${lineOf(document, lines, [index])}` });
      return;
    }
    const id = (item as { id?: unknown } | null)?.id;
    const shape = ruleSchema.shape.id.safeParse(id);
    const rule = shape.success ? `rule "${shape.data}"` : `rule ${index + 1}`;
    for (const { path, field, message } of result.error.issues.flatMap(explain)) {
      const line = lineOf(document, lines, [index, ...path]);
      parsed.problems.push(`${name}:${line}: ${rule}${field === '' ? '' : `, field "${field}"`}: ${message}`);
    }
  });
  return parsed;
}

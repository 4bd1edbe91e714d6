import {
  type Document,
  type ErrorCode,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { closest } from './suggest.js';

/**
 * YAML files of users (rules, configuration), with line numbers for messages. Loads the parser: import it
 * late.
 */

export type Path = readonly PropertyKey[];

/** A parsed file. */
export interface YamlFile {
  value: unknown;
  /** Line, counted from 1, of the key at `path`, else of its value, else of the nearest existing parent. */
  lineOf(path: Path): number;
}

/** Larger files are refused, in characters: no hand-written file is that long. */
const FILE_MAX = 4 * 1024 * 1024;

/** A name that a message may repeat: too short and plain to be a secret. */
const plain = (name: string): boolean => /^[A-Za-z_-]{1,24}$/.test(name);

/** Parses a file. Problems start with `name` and quote nothing of the content. */
export function parseYaml(name: string, content: string): YamlFile | { problems: string[] } {
  if (content.length > FILE_MAX) return { problems: [`${name}: larger than 4 MiB`] };
  const lines = new LineCounter();
  // The parser would print warnings, which quote the file. With logLevel 'silent' it drops a second document.
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(
        // The parser's messages may quote the file; its codes do not.
        ({ code, pos }) => `${name}:${lines.linePos(pos[0]).line}: ${saidOf(code)}`,
      ),
    };
  try {
    return { value: document.toJS(), lineOf: (path) => lineOf(document, lines, path) };
  } catch {
    return { problems: [`${name}:1: too many aliases`] };
  }
}

function saidOf(code: ErrorCode): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins with this "---": put everything into one';
  return `not YAML: ${code.toLowerCase().replaceAll('_', ' ')}`;
}

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

/** `unknown field "x" (did you mean "y"?)`: `what` is "field", `names` are the known ones. */
export function unknownName(what: string, name: string, names: readonly string[]): string {
  const guess = closest(name, names);
  const suggestion = guess === undefined ? '' : ` (did you mean "${guess}"?)`;
  return `unknown ${what}${plain(name) ? ` "${name}"` : ''}${suggestion}`;
}

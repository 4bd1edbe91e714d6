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

/** YAML that people write (rules, configuration), with line numbers for messages. Loads the parser: import it late. */

export type Path = readonly PropertyKey[];

/** A parsed file. */
export interface YamlFile {
  value: unknown;
  /** Line, from 1 on, of the key that leads to `path`, else of its value, else of the nearest parent that exists. */
  lineOf(path: Path): number;
}

/** A file of more characters than this is refused: nobody has written it. */
const FILE_MAX = 4 * 1024 * 1024;

/** A name that can be repeated in a message: too short and too plain to be a secret. */
const plain = (name: string): boolean => /^[A-Za-z_-]{1,24}$/.test(name);

/** Parses a file; `name` stands in the problems, which repeat nothing of what the file says. */
export function parseYaml(name: string, content: string): YamlFile | { problems: string[] } {
  if (content.length > FILE_MAX) return { problems: [`${name}: larger than 4 MiB`] };
  const lines = new LineCounter();
  // Its warnings, which the parser would print, quote the file; told to be silent, it drops a second document.
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(
        // The parser's words may quote the file; its code does not.
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

/** `unknown field "x" (did you mean "y"?)`, where `what` is "field" and `names` are the known ones. */
export function unknownName(what: string, name: string, names: readonly string[]): string {
  const guess = closest(name, names);
  return `unknown ${what}${plain(name) ? ` "${name}"` : ''}${guess === undefined ? '' : ` (did you mean "${guess}"?)`}`;
}

import {
  type Document,
  type ErrorCode,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
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
  // Its own search for duplicate keys takes quadratic time.
  const document = parseDocument(content, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  });
  // The parser's messages may quote the file; its codes do not.
  const problems = [
    ...document.errors.map(({ code, pos }) => ({ code, at: pos[0] })),
    ...duplicates(document),
  ];
  if (problems.length > 0)
    return {
      problems: problems
        .sort((a, b) => a.at - b.at)
        .map(({ code, at }) => `${name}:${lines.linePos(at).line}: ${saidOf(code)}`),
    };
  const places = new Places(document, lines);
  try {
    return { value: document.toJS(), lineOf: (path) => places.lineOf(path) };
  } catch {
    return { problems: [`${name}:1: too many aliases`] };
  }
}

function saidOf(code: ErrorCode): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins with this "---": put everything into one';
  return `not YAML: ${code.toLowerCase().replaceAll('_', ' ')}`;
}

/** Keys that a map has already. */
function duplicates(document: Document): { code: ErrorCode; at: number }[] {
  const found: { code: ErrorCode; at: number }[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (known.has(key.value)) found.push({ code: 'DUPLICATE_KEY', at: key.range?.[0] ?? 0 });
        known.add(key.value);
      }
    },
  });
  return found;
}

/** Lines of the nodes of a document. */
class Places {
  /** Keys of the maps that were asked for: a map may have 100,000, each with a mistake. */
  readonly #keys = new Map<YAMLMap, Map<unknown, Scalar>>();

  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  lineOf(path: Path): number {
    for (let depth = path.length; depth >= 0; depth--) {
      const parent = depth === 0 ? undefined : this.document.getIn(path.slice(0, depth - 1), true);
      const key = isMap(parent) ? this.#keysOf(parent).get(path[depth - 1]) : undefined;
      const node = key ?? this.document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return this.lines.linePos(node.range[0]).line;
    }
    return 1;
  }

  #keysOf(map: YAMLMap): Map<unknown, Scalar> {
    const keys =
      this.#keys.get(map) ??
      new Map(map.items.flatMap(({ key }) => (isScalar(key) ? [[key.value, key] as const] : [])));
    this.#keys.set(map, keys);
    return keys;
  }
}

/** `unknown field "x" (did you mean "y"?)`: `what` is "field", `names` are the known ones. */
export function unknownName(what: string, name: string, names: readonly string[]): string {
  const guess = closest(name, names);
  const suggestion = guess === undefined ? '' : ` (did you mean "${guess}"?)`;
  return `unknown ${what}${plain(name) ? ` "${name}"` : ''}${suggestion}`;
}

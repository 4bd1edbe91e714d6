import { failure } from '../host.js';
import { timeOf } from './label-time.js';

/** A pattern that says which part of a path or key is the host, or the time of a dump. */
export interface Label {
  name: 'host' | 'time';
  /** As it was given. */
  pattern: string;
  /** Of the path, a component each. */
  components: readonly Component[];
  /** It begins with a slash: the path matches from its beginning. */
  isAnchored: boolean;
}

/** Pieces of one component; `below` is `**`: any number of components. */
type Component = 'below' | readonly Piece[];

/** Text, a character, or any characters; `isValue`: of the label's value, at least one. */
type Piece = { type: 'text'; text: string } | { type: 'one' } | { type: 'any'; isValue: boolean };

const NAMES: readonly string[] = ['host', 'time'] satisfies Label['name'][];
/** Bounds on what one path costs: each component is tried once for each of the path. */
const MOST_COMPONENTS = 64;

function wrong(text: string, why: string): Error {
  return failure({
    code: 'wrong-label',
    message: `--label ${JSON.stringify(text)}: ${why}`,
    hint: "for example --label 'host=dumps/{host}/*' or --label 'time=**/core-{time}.zst'",
  });
}

/**
 * Reads `host=dumps/{host}/*`: name, and pattern of a path or key. `*` and `?` match within a component, `**`
 * any components, `{host}` the value. Without a leading slash it matches from any component on; it always
 * ends with the path. Throws `wrong-label` (exit 3).
 */
export function parseLabel(text: string): Label {
  const [, name = '', pattern = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!NAMES.includes(name)) throw wrong(text, 'it must begin with host= or time=');
  if (pattern === '') throw wrong(text, 'the pattern is missing');
  const braces = pattern.match(/\{[^{}]*\}|[{}]/g) ?? [];
  const other = braces.find((each) => each !== `{${name}}`);
  if (other !== undefined) throw wrong(text, `${other} is not {${name}}`);
  if (braces.length !== 1) throw wrong(text, `it must have {${name}} once`);
  if (/\*\{|\}\*/.test(pattern)) throw wrong(text, `* beside {${name}} leaves open where it ends`);
  const components = pattern.split('/').filter((each) => each !== '');
  if (components.length > MOST_COMPONENTS) throw wrong(text, `more than ${MOST_COMPONENTS} components`);
  return {
    name: name as Label['name'],
    pattern,
    components: components.map(componentOf),
    isAnchored: pattern.startsWith('/'),
  };
}

function componentOf(text: string): Component {
  if (text === '**') return 'below';
  return (text.match(/\{[^}]*\}|\*+|\?|[^{*?]+/g) ?? []).map((part): Piece => {
    if (part.startsWith('*')) return { type: 'any', isValue: false };
    if (part.startsWith('{')) return { type: 'any', isValue: true };
    return part === '?' ? { type: 'one' } : { type: 'text', text: part };
  });
}

/** What a label says of a path: the value; undefined if the path does not match. */
export function labelValue({ components, isAnchored }: Label, path: string): string | undefined {
  const parts = path.split('/').filter((each) => each !== '');
  const all: readonly Component[] = isAnchored ? components : ['below', ...components];
  // Components that remain match the parts from here on: tried from the end, each pair once.
  const known = new Map<number, string | null | undefined>();
  const match = (i: number, at: number): string | null | undefined => {
    const key = i * (parts.length + 1) + at;
    if (!known.has(key)) known.set(key, tried(i, at));
    return known.get(key);
  };
  /** Null: it matches, and the value is not in the rest. */
  const tried = (i: number, at: number): string | null | undefined => {
    const component = all[i];
    if (component === undefined) return at === parts.length ? null : undefined;
    if (component === 'below') {
      const without = match(i + 1, at);
      return without !== undefined || at === parts.length ? without : match(i, at + 1);
    }
    const part = parts[at];
    const value = part === undefined ? undefined : matchPieces(component, part);
    if (value === undefined) return undefined;
    const rest = match(i + 1, at + 1);
    return rest === undefined ? undefined : (value ?? rest);
  };
  return match(0, 0) ?? undefined;
}

/**
 * Matches one component, each wildcard as short as what follows it allows, the last as long as needed: linear
 * in the product of both lengths. Null: it matches and has no value.
 */
function matchPieces(pieces: readonly Piece[], text: string): string | null | undefined {
  /** Of the last wildcard: its piece, and where it began and ends now. */
  let wild: { piece: number; start: number; end: number } | undefined;
  let value: string | null = null;
  let piece = 0;
  let at = 0;
  const settle = (): void => {
    const each = wild && pieces[wild.piece];
    if (wild && each?.type === 'any' && each.isValue) value = text.slice(wild.start, wild.end);
  };
  for (;;) {
    const each = pieces[piece];
    if (each === undefined && at === text.length) break;
    if (each?.type === 'any') {
      settle();
      wild = { piece, start: at, end: at + Number(each.isValue) };
      if (wild.end > text.length) return undefined;
      at = wild.end;
      piece++;
    } else if (each?.type === 'one' && at < text.length) {
      at++;
      piece++;
    } else if (each?.type === 'text' && text.startsWith(each.text, at)) {
      at += each.text.length;
      piece++;
    } else {
      // The last wildcard takes one character more.
      if (wild === undefined || wild.end >= text.length) return undefined;
      at = ++wild.end;
      piece = wild.piece + 1;
    }
  }
  settle();
  return value;
}

/** What labels say of a dump. The first that matches holds; a time that is none is counted as no match. */
export function labelled(
  labels: readonly Label[],
  path: string,
): { host?: string; dumpedAt?: string; matched: readonly Label[]; noTime?: string } {
  const found: { host?: string; dumpedAt?: string; noTime?: string } = {};
  const matched: Label[] = [];
  for (const label of labels) {
    if (label.name === 'host' ? found.host !== undefined : found.dumpedAt !== undefined) continue;
    const value = labelValue(label, path);
    if (value === undefined) continue;
    matched.push(label);
    if (label.name === 'host') found.host = value;
    else {
      const time = timeOf(value);
      if (time === undefined) found.noTime = value;
      else found.dumpedAt = time;
    }
  }
  return { ...found, matched };
}

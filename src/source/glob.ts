import { DumpsieveError } from '../core/base/runtime/errors.js';
import { lazy } from '../core/base/runtime/lazy.js';

const re2 = lazy((require) => require('re2js') as typeof import('re2js'));

/** The parts of a glob that are not single characters. A class may have `]` as its first character. */
const PART = /\\.|(?<=^|[/{,])\*\*\/|\*+|\?|\[[!^]?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*\]|[{},]|./gsu;
/** The parts of a class. */
const IN_CLASS = /\[:[a-z]+:\]|\\.|./gsu;

/** Folders, if any, and all that is below one. */
const FOLDERS = '(?:[^/]+/)*';
const BELOW = '.+';
const BRACES: Readonly<Record<string, string>> = { '{': '(?:', '}': ')', ',': '|' };

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|&~-]/gu, '\\$&');

function classOf(part: string): string {
  const negated = /^\[[!^]/.test(part);
  const inside = (part.slice(negated ? 2 : 1, -1).match(IN_CLASS) ?? []).map((each) => {
    if (each.startsWith('[:')) return each;
    return each === '-' ? each : literal(each.replace(/^\\/, ''));
  });
  return `[${negated ? '^/' : ''}${inside.join('')}]`;
}

/** True if every brace has its other one. */
function hasWholeBraces(parts: readonly string[]): boolean {
  let depth = 0;
  for (const part of parts) {
    depth += Number(part === '{') - Number(part === '}');
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** True for `**` as a whole last component. */
const isBelow = (parts: readonly string[], i: number): boolean =>
  parts[i] === '**' && /\/$/.test(parts[i - 1] ?? '') && /^[,}]?$/.test(parts[i + 1] ?? '');

/** A glob as a regular expression for a whole name. */
function expressionOf(glob: string): string {
  const parts = glob.match(PART) ?? [];
  const braces = hasWholeBraces(parts);
  let depth = 0;
  const spelled = parts.map((part, i) => {
    if (part.length > 1 && part.startsWith('\\')) return literal(part.slice(1));
    if (part.length > 1 && part.startsWith('[')) return classOf(part);
    if (part === '**/') return FOLDERS;
    if (part.startsWith('*')) return isBelow(parts, i) ? BELOW : '[^/]*';
    if (part === '?') return '[^/]';
    if (part === '{') depth++;
    const within = depth > 0;
    if (part === '}') depth--;
    return braces && within && BRACES[part] ? BRACES[part] : literal(part);
  });
  return spelled.join('');
}

/** Tells whether a name matches, in time that is linear in its length. */
export type NameTest = (path: string) => boolean;

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * A glob of `--include` or `--exclude`: without a slash it is about the last component of a path, else about
 * all of it; one that ends in a slash is about all below. Names in archives are hostile, and the libraries
 * that compile globs to expressions of JavaScript backtrack: four stars and a name of 500 characters take
 * them 20 seconds.
 */
export function compileGlob(given: string): NameTest {
  // A backslash separates folders on Windows, as in names.ts.
  const glob = process.platform === 'win32' ? given.replaceAll('\\', '/') : given;
  const isPath = glob.includes('/');
  const anchored = glob.replace(/^\//, '').replace(/\/$/, '/**');
  try {
    const { RE2JS } = re2();
    const expression = RE2JS.compile(expressionOf(anchored), RE2JS.DOTALL);
    return (path) => expression.matches(isPath ? path : lastOf(path));
  } catch (error) {
    throw new DumpsieveError(
      {
        code: 'bad-glob',
        message: `the glob ${JSON.stringify(given)} cannot be read`,
        hint: 'put a backslash before a bracket or brace that is meant as it is',
      },
      3,
      error,
    );
  }
}

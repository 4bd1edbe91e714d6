import type { BigIntStats, Dirent, Stats } from 'node:fs';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type glob from 'fast-glob';
import { systemCode } from '../core/base/runtime/errors.js';
import { lazy } from '../core/base/runtime/lazy.js';
import { type Callback, promised } from './file-system.js';
import { joinNames, names, type WalkName } from './names.js';

/** Loaded on demand: only folders and patterns need it. */
const fastGlob = lazy((require) => require('fast-glob') as typeof glob);

export type FileKind = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'device';

type Typed = Pick<
  Dirent | Stats | BigIntStats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket'
>;

export function kindOf(entry: Typed): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isFIFO()) return 'fifo';
  return entry.isSocket() ? 'socket' : 'device';
}

export interface WalkEntry {
  name: WalkName;
  /** Its path below the root of the walk. */
  below: WalkName;
  kind: FileKind;
}

/** A folder or file that could not be read. */
interface Problem {
  name: WalkName;
  error: unknown;
}

export interface Walk {
  /** The folder that the pattern is relative to. */
  root: WalkName;
  pattern: string;
  problems: Problem[];
  /** Called before a folder is read; false skips it, since it was read before. */
  enter(folder: WalkName): Promise<boolean>;
}

/**
 * Back pressure: delays reading a folder until all entries of the last one are consumed. fast-glob has no
 * limit on reading ahead, and would hold a tree of millions of files in memory.
 */
class BackPressure {
  #requested = false;
  #waiting: (() => void) | undefined;

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#release();
    });
  }

  request(): void {
    this.#requested = true;
    this.#release();
  }

  satisfy(): void {
    this.#requested = false;
  }

  /**
   * Entries being processed arrive within this turn of the event loop: only a request that is still open
   * after it needs another folder.
   */
  #release(): void {
    if (!this.#requested || this.#waiting === undefined) return;
    setImmediate(() => {
      if (!this.#requested) return;
      this.#waiting?.();
      this.#waiting = undefined;
    });
  }
}

function readFolder(folder: WalkName): Promise<Dirent[]> {
  // With encoding 'buffer' the names are Buffers, which the types of Node 20 do not declare.
  const options = { withFileTypes: true, encoding: 'buffer' } as unknown as { withFileTypes: true };
  return promised((done) => fs.readdir(names.toSystem(folder), options, done));
}

function renamed(entry: Dirent): Dirent {
  const name = names.fromEntry(entry.name);
  return Object.defineProperty(entry, 'name', { value: name });
}

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/**
 * The file system for fast-glob: `/` is the walk's root, names are encoded (names.ts), and errors do not end
 * the walk. fast-glob stops at the first EACCES, and ignores all errors with `suppressErrors`.
 */
function adapter(walk: Walk, gate: BackPressure): glob.FileSystemAdapter {
  const top = path.resolve('/').length;
  const real = (virtual: string): WalkName => joinNames(walk.root, virtual.slice(top).replace(/\/$/, ''));
  const readdir = async (virtual: string): Promise<Dirent[]> => {
    const folder = real(virtual) || '.';
    await gate.wait();
    try {
      if (!(await walk.enter(folder))) return [];
      return (await readFolder(folder)).map(renamed).sort(byName);
    } catch (error) {
      walk.problems.push({ name: folder, error });
      return [];
    }
  };
  const look = (virtual: string, done: Callback<Stats>): void => {
    const name = real(virtual);
    fs.lstat(names.toSystem(name), (error, stats) => {
      if (error && systemCode(error) !== 'ENOENT') {
        walk.problems.push({ name, error });
        // The only code after which fast-glob continues.
        done(Object.assign(new Error(error.message), { code: 'ENOENT' }), stats);
      } else done(error, stats);
    });
  };
  return {
    lstat: look,
    stat: look,
    readdir: (virtual: string, _options: unknown, done: Callback<Dirent[]>) => {
      readdir(virtual).then((entries) => done(null, entries));
    },
  } as unknown as glob.FileSystemAdapter; // the synchronous methods are not called by a stream
}

/** Everything below the root that matches the pattern, folder by folder, names in byte order. */
export async function* list(walk: Walk): AsyncGenerator<WalkEntry> {
  const gate = new BackPressure();
  const stream = fastGlob().stream(walk.pattern, {
    cwd: '/',
    fs: adapter(walk, gate),
    concurrency: 1, // else the order of folders would depend on timing
    dot: true,
    onlyFiles: false,
    objectMode: true,
    followSymbolicLinks: false,
    unique: false,
    braceExpansion: false, // done by expandGlob
  }) as Readable;
  const entries = stream[Symbol.asyncIterator]() as AsyncIterator<glob.Entry>;
  try {
    for (;;) {
      gate.request();
      const next = await entries.next();
      gate.satisfy();
      if (next.done) return;
      const { path: below, dirent } = next.value;
      yield { name: joinNames(walk.root, below), below, kind: kindOf(dirent as Dirent) };
    }
  } finally {
    stream.destroy();
  }
}

/** The bytes of one multi-byte character (RFC 3629, section 4). */
const SEVERAL =
  '[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf][\x80-\xbf][\x80-\xbf]';
/**
 * The bytes of one character, or one byte, never a slash. A
 * name matches in one way only, which avoids backtracking.
 */
const ONE = `@(${SEVERAL}|(?!${SEVERAL})[\u0001-.0-\uffff])`;
/** One byte; within `!(...)` the alternatives above would be negated. */
const ONE_BYTE = '[!\uffff]';

/**
 * In names a character is a byte (names.ts), so a multi-byte character in `[äö]` becomes an alternative. A
 * range or a negation of such characters matches any character, since files left out would be lost silently.
 */
function spellClass(found: string): string {
  const text = names.toText(found);
  if (text === undefined) return found;
  if (/^[\x00-\x7f]*$/.test(text))
    return /^\[[!^][^[\\]*$/.test(text) ? `@(${SEVERAL}|(?!${SEVERAL})[^${text.slice(2)})` : found;
  const members = [...text.slice(1, -1)];
  if (/^[!^]|-/.test(text.slice(1, -1))) return ONE;
  const wide = members.filter((member) => member > '\x7f').map((member) => names.fromText(member));
  const narrow = members.filter((member) => member <= '\x7f').join('');
  return `@(${[...wide, ...(narrow === '' ? [] : [`[${narrow}]`])].join('|')})`;
}

/**
 * fast-glob takes `core.?` for the plain name of a folder and finds nothing: a lone `?` is written as
 * classes, which it recognises as a pattern.
 */
function spellOut(pattern: string): string {
  const negated = pattern.includes('!(');
  return pattern.replace(/\\.|\[[^\]]*\]|\?\(|\)\?|\?/gs, (found) => {
    if (found === '?') return negated ? ONE_BYTE : ONE;
    return found.startsWith('[') && !negated ? spellClass(found) : found;
  });
}

/** True for a component that names one folder literally. A bracket may close in a later component. */
function isPlain(part: string): boolean {
  const count = (character: string): number => part.split(character).length;
  return (
    !/[*?\\]/.test(part) &&
    count('(') === count(')') &&
    count('[') === count(']') &&
    (part === '' || !fastGlob().isDynamicPattern(part))
  );
}

/** Splits a glob of the command line into a folder and a pattern below it, one for each brace expansion. */
export function expandGlob(argument: string | Uint8Array): { root: WalkName; pattern: string }[] {
  const tasks = fastGlob().generateTasks(names.fromPattern(argument), { dot: true });
  return tasks
    .flatMap(({ patterns }) => patterns)
    .map((whole) => {
      const parts = whole.split('/');
      const first = parts.findIndex((part) => !isPlain(part));
      // Braces may expand to a plain name, whose brackets must be escaped.
      const depth = first < 0 ? parts.length - 1 : first;
      const pattern = parts.slice(depth).join('/');
      const folder = parts.slice(0, depth).join('/');
      const isTop = depth === 1 && /^(?:[A-Za-z]:)?$/.test(folder);
      return {
        root: isTop ? `${folder}/` : folder,
        pattern: first < 0 ? fastGlob().escapePath(pattern) : spellOut(pattern),
      };
    });
}

/** A leading `!` negates a glob in a list of globs; here there is none, so such an argument is not a glob. */
export function isGlob(argument: string | Uint8Array): boolean {
  const pattern = names.fromPattern(argument);
  return pattern !== '' && !/^!(?!\()/.test(pattern) && fastGlob().isDynamicPattern(pattern);
}

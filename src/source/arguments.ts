import type { BigIntStats } from 'node:fs';
import { systemCode } from '../base/runtime/errors.js';
import { failureNotice } from './failures.js';
import { fstat, lstat, type Seen, stat } from './file-system.js';
import { names, type WalkName } from './names.js';
import type { Opener } from './opener.js';
import type { SourceOptions, Told } from './types.js';
import { expandGlob, isGlob, type Kind, kindOf, list, type Met, type Walk } from './walk.js';
import { type SourceCode, warnings } from './warnings.js';

type Events<T> = AsyncGenerator<T | Told>;

const notice = (path: string, code: SourceCode, what: string, hint: string): Told => ({
  type: 'notice',
  notice: { ...warnings.of(code, { message: `${path}: ${what}`, hint }), path },
});

/** What lstat says where an argument is not there: no such file, or no name that the system could have. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EINVAL', 'ERR_INVALID_ARG_VALUE']);
/** What stat says where a link leads nowhere. */
const BROKEN = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

const isOneOf = (codes: Set<string>, error: unknown): boolean => codes.has(systemCode(error) ?? '');

/** The descriptor that a path stands for: /dev/stdin, /dev/fd/N, /proc/self/fd/N. */
function inheritedDescriptor(path: string): number | undefined {
  if (path === '/dev/stdin') return 0;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Walks what the arguments name; what becomes of a file is its opener's business. */
export class Walker<T> {
  readonly #options: SourceOptions;
  readonly #opener: Opener<T>;
  readonly #seen: Seen;
  /** Links met in walks: where they lead is judged when everything else is scanned. */
  readonly #links: WalkName[] = [];
  #stdinRead = false;

  constructor(options: SourceOptions, opener: Opener<T>, seen: Seen) {
    this.#options = options;
    this.#opener = opener;
    this.#seen = seen;
  }

  /** One argument of the command line. What exists is a path, never a pattern; bytes are a name as the system has it. */
  async *argument(given: string | Uint8Array): Events<T> {
    this.#options.signal?.throwIfAborted();
    const path = typeof given === 'string' ? given : names.show(names.fromEntry(given));
    if (given === '-') return yield* this.#standardInput('-');
    const name = typeof given === 'string' ? names.fromText(given) : names.fromEntry(given);
    try {
      await lstat(name);
    } catch (error) {
      if (isGlob(given) && systemCode(error) !== 'EACCES') yield* this.#glob(given, names.show(name));
      else
        yield isOneOf(ABSENT, error)
          ? missing(path)
          : { type: 'notice', notice: failureNotice(names.show(name), error) };
      return;
    }
    yield* this.#named(path, name);
  }

  async *#named(path: string, name: WalkName): Events<T> {
    const shown = names.show(name);
    let stats: BigIntStats;
    try {
      stats = await stat(name);
    } catch (error) {
      yield isOneOf(BROKEN, error)
        ? notice(shown, 'path-missing', 'this link leads to nothing', 'name the file itself')
        : { type: 'notice', notice: failureNotice(shown, error) };
      return;
    }
    const refuse = (what: string): (() => Events<T>) =>
      async function* () {
        yield notice(
          shown,
          'device-refused',
          `this is a ${what}, which has no end or no contents of its own`,
          `copy what it holds, or pipe it: dd if=… | dumpsieve scan -`,
        );
      };
    const inherited = inheritedDescriptor(path);
    const pipe = (): Events<T> =>
      inherited === 0
        ? this.#standardInput(shown)
        : this.#piped(shown, this.#opener.pipe(name, inherited, stats));
    const kinds: Record<Kind, () => Events<T>> = {
      file: () => this.#opener.file(name, true, stats),
      directory: () => this.#folder(name, true),
      fifo: pipe,
      socket: inherited === undefined ? refuse('socket') : pipe,
      device: refuse('device'),
      link: refuse('link'),
    };
    const kind = kindOf(stats);
    // A folder counts as met only when it is read.
    if (kind === 'directory' ? this.#seen.has(stats) : !this.#seen.add(stats)) return;
    yield* kinds[kind]();
  }

  async *#standardInput(shown: string): Events<T> {
    if (this.#stdinRead) return;
    this.#stdinRead = true;
    const { stdin = process.stdin } = this.#options;
    // It may be named once more, as /dev/fd/0 or as a FIFO.
    if (stdin === process.stdin)
      await fstat(0).then(
        (stats) => this.#seen.add(stats),
        () => undefined,
      );
    yield* this.#piped(shown, this.#opener.standardInput(shown));
  }

  async *#piped(shown: string, events: AsyncGenerator<T | Told, boolean>): Events<T> {
    const empty = yield* events;
    if (!empty) return;
    const hint = 'did the command before the pipe fail? (bash: set -o pipefail)';
    yield* this.nothing('nothing came through this', shown, hint);
  }

  async *#glob(given: string | Uint8Array, shown: string): Events<T> {
    let held = false;
    for (const { root, pattern } of expandGlob(given)) {
      const walk: Walk = { root, pattern, problems: [], enter: async () => true };
      for await (const met of list(walk)) {
        held = true;
        // What a shell would have put on the command line is walked if it is a folder.
        yield* met.kind === 'directory' ? this.#folder(met.name, false) : this.#met(met);
      }
      yield* this.#problems(walk, (name) => name === (root || '.'));
    }
    if (!held) yield* this.nothing('this pattern matches nothing', shown);
  }

  async *#folder(root: WalkName, named: boolean): Events<T> {
    const walk: Walk = {
      root,
      pattern: '**',
      problems: [],
      enter: async (folder) => this.#seen.add(await stat(folder)),
    };
    let held = false;
    for await (const met of list(walk)) {
      held ||= met.kind === 'file' || met.kind === 'link';
      yield* this.#met(met);
    }
    held ||= walk.problems.length > 0;
    yield* this.#problems(walk, () => false);
    if (named && !held) yield* this.nothing('this folder holds no file', names.show(root));
  }

  /** What could not be read; `absent` says where nothing being there is no trouble. */
  async *#problems({ problems }: Walk, absent: (name: WalkName) => boolean): Events<T> {
    for (const { name, error } of problems) {
      if (absent(name) && isOneOf(ABSENT, error)) continue;
      yield { type: 'notice', notice: failureNotice(names.show(name), error) };
    }
  }

  /** Something met in a walk, which is never waited for. */
  async *#met({ name, kind }: Met): Events<T> {
    this.#options.signal?.throwIfAborted();
    if (kind === 'directory') return; // the walk goes into it
    if (kind === 'link') {
      this.#links.push(name);
      return;
    }
    let stats: BigIntStats;
    try {
      stats = await lstat(name);
    } catch (error) {
      yield { type: 'notice', notice: failureNotice(names.show(name), error) };
      return;
    }
    if (!this.#seen.add(stats)) return;
    yield* kind === 'file' ? this.#opener.file(name, false, stats) : special(name, kind);
  }

  /** Links to what was scanned say nothing; the others are told, or followed, which may bring further links. */
  async *links(): Events<T> {
    for (let next = 0; next < this.#links.length; next++) {
      this.#options.signal?.throwIfAborted();
      yield* this.#link(this.#links[next] ?? '');
    }
  }

  async *#link(name: WalkName): Events<T> {
    const shown = names.show(name);
    const outside = (): Told =>
      notice(shown, 'link-outside', 'this link leads outside of what is scanned', 'follow it with --follow');
    let target: BigIntStats;
    try {
      target = await stat(name);
    } catch (error) {
      if (isOneOf(BROKEN, error)) {
        yield notice(shown, 'link-broken', 'this link leads to nothing', 'nothing to mend if it is stale');
      } else yield this.#options.follow ? { type: 'notice', notice: failureNotice(shown, error) } : outside();
      return;
    }
    const kind = kindOf(target);
    if (this.#seen.has(target)) return;
    if (!this.#options.follow) yield outside();
    else if (kind === 'directory') yield* this.#folder(name, false);
    else if (this.#seen.add(target)) {
      yield* kind === 'file' ? this.#opener.file(name, true, target) : special(name, kind);
    }
  }

  /** Nothing to scan, as `--if-no-files` wants it told. */
  async *nothing(what: string, path: string, hint = 'check the path'): Events<T> {
    const effects = { error: 'incomplete', warn: 'note', ignore: undefined } as const;
    const effect = effects[this.#options.ifNoFiles];
    if (effect === undefined) return;
    const message = path === '' ? what : `${path}: ${what}`;
    yield { type: 'notice', notice: { ...warnings.of('no-files', { message, hint }), effect, path } };
  }
}

async function* special(name: WalkName, kind: Kind): AsyncGenerator<Told> {
  const shown = names.show(name);
  const article = kind === 'fifo' ? 'a FIFO' : `a ${kind}`;
  yield notice(shown, 'special-file', `this is ${article}: not read`, 'name it itself to read a FIFO');
}

function missing(path: string): Told {
  const shown = names.show(names.fromText(path));
  const hint = path.includes('\ufffd')
    ? 'its name is not UTF-8 and cannot be given here as it is: name its folder, or put ? for each such byte'
    : 'check the spelling, and quote it if it has spaces';
  return notice(shown, 'path-missing', 'there is no such file or folder', hint);
}

import type { BigIntStats } from 'node:fs';
import { isDraft } from '../core/base/runtime/draft-file.js';
import { systemCode } from '../core/base/runtime/errors.js';
import { EFFECT_IF_NO_FILES } from '../core/base/runtime/warnings.js';
import { failureEvent } from './failures.js';
import { fstat, lstat, stat, type VisitedFiles } from './file-system.js';
import { nameOf, names, type WalkName } from './names.js';
import type { Opener } from './opener.js';
import { type FileSelection, type LeftOut, type Selected, WalkCounts } from './selection.js';
import type { NoticeEvent, SourceOptions } from './types.js';
import { expandGlob, type FileKind, isGlob, kindOf, list, type Walk, type WalkEntry } from './walk.js';
import { type SourceCode, warnings } from './warnings.js';

type Events<T> = AsyncGenerator<T | NoticeEvent>;

const notice = (path: string, code: SourceCode, what: string, hint: string): NoticeEvent => ({
  type: 'notice',
  notice: { ...warnings.of(code, { message: `${path}: ${what}`, hint }), path },
});

/** Errors of lstat if an argument does not exist, or cannot be a file name. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EINVAL', 'ERR_INVALID_ARG_VALUE']);
/** Errors of stat for a broken link. */
const BROKEN = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

const isOneOf = (codes: Set<string>, error: unknown): boolean => codes.has(systemCode(error) ?? '');

/** The result of a system call, or its error. */
const outcome = (call: Promise<BigIntStats>) =>
  call.then(
    (stats) => ({ stats, error: undefined }),
    (error: unknown) => ({ stats: undefined, error }),
  );

/** The descriptor of /dev/stdin, /dev/fd/N or /proc/self/fd/N. */
function inheritedDescriptor(path: string): number | undefined {
  if (path === '/dev/stdin') return 0;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Walks the files that the arguments name, and passes them to an opener. */
export class Walker<T> {
  readonly #options: SourceOptions;
  readonly #opener: Opener<T>;
  readonly #visited: VisitedFiles;
  readonly #selection: FileSelection | undefined;
  /** Links found in walks: their targets are looked up after everything else. */
  readonly #links: WalkEntry[] = [];
  #stdinRead = false;

  /** `selection`: of files in folders; undefined: all. */
  constructor(options: SourceOptions, opener: Opener<T>, visited: VisitedFiles, selection?: FileSelection) {
    this.#options = options;
    this.#opener = opener;
    this.#visited = visited;
    this.#selection = selection;
  }

  /**
   * One argument of the command line. An existing path is
   * never taken for a pattern; bytes are a raw file name.
   */
  async *argument(given: string | Uint8Array): Events<T> {
    this.#options.signal?.throwIfAborted();
    const path = typeof given === 'string' ? given : names.show(names.fromEntry(given));
    if (given === '-') return yield* this.#standardInput('-');
    const name = nameOf(given);
    const { stats, error } = await outcome(lstat(name));
    if (stats !== undefined) yield* this.#named(path, name);
    else if (isGlob(given) && systemCode(error) !== 'EACCES') yield* this.#glob(given, names.show(name));
    else yield isOneOf(ABSENT, error) ? missing(path) : failureEvent(name, error);
  }

  async *#named(path: string, name: WalkName): Events<T> {
    const shown = names.show(name);
    const { stats, error } = await outcome(stat(name));
    if (stats === undefined) {
      yield isOneOf(BROKEN, error)
        ? notice(shown, 'path-missing', 'this link is broken', 'name the file itself')
        : failureEvent(name, error);
      return;
    }
    const refuse = (kind: string): (() => Events<T>) =>
      async function* () {
        const what = `this is a ${kind}, which has no end or no content of its own`;
        const hint = 'copy its content, or pipe it: dd if=… | dumpsieve scan -';
        yield notice(shown, 'device-refused', what, hint);
      };
    const inherited = inheritedDescriptor(path);
    const pipe = (): Events<T> =>
      inherited === 0 ? this.#standardInput(shown) : this.#opener.pipe(name, inherited, stats);
    const kinds: Record<FileKind, () => Events<T>> = {
      file: () => this.#opener.file(name, { named: true }, stats),
      directory: () => this.#folder(name, true),
      fifo: pipe,
      socket: inherited === undefined ? refuse('socket') : pipe,
      device: refuse('device'),
      link: refuse('link'),
    };
    const kind = kindOf(stats);
    // A folder is marked as visited when it is read.
    if (kind === 'directory' ? this.#visited.has(stats) : !this.#visited.add(stats)) return;
    yield* kinds[kind]();
  }

  async *#standardInput(shown: string): Events<T> {
    if (this.#stdinRead) return;
    this.#stdinRead = true;
    const { stdin = process.stdin } = this.#options;
    // Standard input may also be named as /dev/fd/0 or as a FIFO.
    if (stdin === process.stdin)
      await fstat(0).then(
        (stats) => this.#visited.add(stats),
        () => undefined,
      );
    yield* this.#opener.standardInput(shown);
  }

  async *#glob(given: string | Uint8Array, shown: string): Events<T> {
    let found = false;
    const counts = new WalkCounts();
    for (const { root, pattern } of expandGlob(given)) {
      const walk: Walk = { root, pattern, problems: [], enter: async () => true };
      for await (const entry of list(walk)) {
        found = true;
        // A shell would have put the folder on the command line, and its content would be walked.
        yield* entry.kind === 'directory' ? this.#folder(entry.name, false) : this.#entry(entry, counts);
      }
      yield* this.#problems(walk, (name) => name === (root || '.'));
    }
    yield* counts.notices(shown);
    if (!found) yield* this.noFiles('this pattern matches nothing', shown);
  }

  async *#folder(root: WalkName, named: boolean): Events<T> {
    const walk: Walk = {
      root,
      pattern: '**',
      problems: [],
      enter: async (folder) => this.#visited.add(await stat(folder)),
    };
    let found = false;
    const counts = new WalkCounts();
    for await (const entry of list(walk)) {
      found ||= entry.kind === 'file' || entry.kind === 'link';
      yield* this.#entry(entry, counts);
    }
    yield* counts.notices(names.show(root));
    found ||= walk.problems.length > 0;
    yield* this.#problems(walk, () => false);
    if (named && !found) yield* this.noFiles('this folder contains no file', names.show(root));
  }

  /** Files that could not be read. `absent` is true for names whose absence is not an error. */
  async *#problems({ problems }: Walk, absent: (name: WalkName) => boolean): Events<T> {
    for (const { name, error } of problems) {
      if (absent(name) && isOneOf(ABSENT, error)) continue;
      yield failureEvent(name, error);
    }
  }

  /** An entry found by a walk. FIFOs are not read. */
  async *#entry(entry: WalkEntry, { leftOut, empty }: WalkCounts): Events<T> {
    const { name, kind } = entry;
    this.#options.signal?.throwIfAborted();
    if (kind === 'directory') return; // the walk enters it
    if (kind === 'link') {
      this.#links.push(entry);
      return;
    }
    const selected = this.#choose(entry, leftOut);
    if (selected === 'none') return;
    const { stats, error } = await outcome(lstat(name));
    if (stats === undefined) yield failureEvent(name, error);
    else if (!isDraft(stats) && this.#visited.add(stats))
      yield* kind === 'file'
        ? this.#opener.file(name, { named: false, selected, empty }, stats)
        : special(name, kind);
  }

  /** How much is selected of what a walk has found, which is counted if that is nothing. */
  #choose({ name, kind, below }: Found, leftOut: LeftOut): Selected | 'none' | undefined {
    if (this.#selection === undefined) return undefined;
    const selected = this.#selection.choose(bytesOf(below), leftOut);
    // Only a file may be an archive with members that are included.
    if (selected !== undefined && (selected.itself || kind === 'file')) return selected;
    leftOut.add(names.show(name));
    return 'none';
  }

  /** Links to scanned files are ignored. Others are reported, or followed, which may find further links. */
  async *links(): Events<T> {
    const counts = new WalkCounts();
    for (const link of this.#links) {
      this.#options.signal?.throwIfAborted();
      yield* this.#link(link, counts);
    }
    yield* counts.notices('links');
  }

  async *#link({ name, below }: WalkEntry, { leftOut, empty }: WalkCounts): Events<T> {
    const shown = names.show(name);
    const outside = (): NoticeEvent => {
      const what = 'this link leads to a file that is not scanned';
      return notice(shown, 'link-outside', what, 'follow it with --follow');
    };
    const { stats: target, error } = await outcome(stat(name));
    if (target !== undefined && this.#visited.has(target)) return;
    const kind = target && kindOf(target);
    const selected = kind === 'directory' ? undefined : this.#choose({ name, below, kind }, leftOut);
    if (selected === 'none') return;
    if (target === undefined && isOneOf(BROKEN, error)) {
      const hint = 'nothing to do if it is stale';
      yield notice(shown, 'link-broken', 'this link is broken', hint);
    } else if (target === undefined) yield this.#options.follow ? failureEvent(name, error) : outside();
    else if (!this.#options.follow) yield outside();
    else if (kind === 'directory') yield* this.#folder(name, false);
    else if (this.#visited.add(target))
      yield* kind === 'file'
        ? this.#opener.file(name, { named: true, selected, empty }, target)
        : special(name, kindOf(target));
  }

  /** There is nothing to scan: reported according to `--if-no-files`. */
  async *noFiles(what: string, path: string): Events<T> {
    const effect = EFFECT_IF_NO_FILES[this.#options.ifNoFiles];
    if (effect === undefined) return;
    const message = path === '' ? what : `${path}: ${what}`;
    const hint = 'check the path';
    yield { type: 'notice', notice: { ...warnings.of('no-files', { message, hint }), effect, path } };
  }
}

/** Something that a walk has found; its kind is unknown if it is behind a broken link. */
type Found = Omit<WalkEntry, 'kind'> & { kind: FileKind | undefined };

const bytesOf = (name: WalkName): Uint8Array => Buffer.from(names.toSystem(name));

async function* special(name: WalkName, kind: FileKind): AsyncGenerator<NoticeEvent> {
  const what = `this is a ${kind === 'fifo' ? 'FIFO' : kind}: not read`;
  yield notice(names.show(name), 'special-file', what, 'name it itself to read a FIFO');
}

function missing(path: string): NoticeEvent {
  const shown = names.show(names.fromText(path));
  const hint = path.includes('\ufffd')
    ? 'its name is not UTF-8 and cannot be given here as it is: name its folder, or put ? for each such byte'
    : 'check the spelling, and quote it if it has spaces';
  return notice(shown, 'path-missing', 'no such file or folder', hint);
}

import fs from 'node:fs';
import path from 'node:path';
import { milliseconds } from '../../core/base/runtime/clock.js';
import { DumpsieveError, systemCode } from '../../core/base/runtime/errors.js';
import { Turns } from '../../core/base/runtime/turns.js';
import { decodeText, displayName, escapeText } from '../../core/base/text/escape.js';
import { compileGlob, type NameTest } from '../../source/glob.js';
import type { WatchRow } from '../policy/policy.js';
import { Delivery, idOf, type OriginalFile } from './folders-delivery.js';
import { HeldFolder } from './folders-place.js';
import { type ListedFile, type ListedReason, listedFile, type TakenDump } from './folders-results.js';
import { findWriters } from './folders-writers.js';

/** What watched folders share with the guard. */
export interface FolderContext {
  state: string;
  /** File of age recipients. */
  recipients: string;
  /** Whether the guard's share of the disk has room for a file of this size. Default: yes. */
  hasRoom?: (bytes: number) => boolean;
}

/** Attempts before a file is listed, and how long until the next one then. */
const MOST_TRIES = 3;
const RETRY = 600_000;

/** A name in the folder, over several looks. */
interface SeenFile {
  name: Buffer;
  /** What must not change while it is quiet, and while it is sealed. */
  state: string;
  /** When it was first seen so, by the monotonic clock. */
  since: number;
  tries: number;
  /** Not tried again before. */
  notBefore: number;
  listed: Set<ListedReason>;
}

/** A file that is ready to be sealed. */
interface ReadyFile extends OriginalFile {
  seen: SeenFile;
  id: string;
}

const MILLISECOND = 1_000_000n;

const stateOf = ({ dev, ino, uid, mode, nlink, size, mtimeNs, ctimeNs }: fs.BigIntStats): string =>
  [dev, ino, uid, mode, nlink, size, mtimeNs, ctimeNs].join(' ');

/** Whether a folder is another, or in it. */
const isBelow = (folder: string, other: string): boolean =>
  `${folder}${path.sep}`.startsWith(`${other}${path.sep}`);

/** A folder of others: its dumps are sealed into the spool, and removed if the policy says so. */
export class WatchedFolder {
  readonly #row: WatchRow;
  readonly #context: FolderContext;
  readonly #matches: NameTest;
  readonly #delivery: Delivery;
  #held: HeldFolder;
  #seen = new Map<string, SeenFile>();
  #isGone = false;
  #waiting = 0;

  private constructor(row: WatchRow, context: FolderContext) {
    this.#row = row;
    this.#context = context;
    this.#matches = compileGlob(row.pattern);
    if (isBelow(row.path, context.state))
      throw new DumpsieveError({
        code: 'guard-folder-refused',
        message: `the folder ${escapeText(row.path)} cannot be watched (it belongs to the guard's own state)`,
        hint: 'watch a folder into which others write',
      });
    this.#held = new HeldFolder(row.path);
    this.#delivery = new Delivery(row.path, context);
  }

  /** Throws (exit 3) for a folder that is missing, or that this user must not watch. */
  static open(row: WatchRow, context: FolderContext): WatchedFolder {
    return new WatchedFolder(row, context);
  }

  /** Files of the last look that are not quiet yet: a guard that runs once looks again. */
  get waiting(): number {
    return this.#waiting;
  }

  /** One look at the folder. Throws if age or zstd is missing, and the reason of an abort. */
  async *take(signal?: AbortSignal): AsyncGenerator<TakenDump | ListedFile> {
    this.#waiting = 0;
    if (!this.#isHeld()) {
      if (!this.#isGone) yield listedFile(this.#row.path, 'gone');
      this.#isGone = true;
      return;
    }
    this.#isGone = false;
    const known = new Set<string>();
    const ready: ReadyFile[] = [];
    for await (const file of this.#files(signal)) {
      const { seen, stats } = file;
      const unfit = this.#unfit(stats);
      if (unfit !== undefined) {
        yield* this.#list(file, unfit);
        continue;
      }
      known.add(file.id);
      if (this.#delivery.isDelivered(file.id)) yield* this.#finish(file, false);
      else if (this.#isQuiet(seen, stats) && milliseconds() >= seen.notBefore) ready.push(file);
      else if (seen.tries < MOST_TRIES) this.#waiting++;
    }
    yield* this.#takeReady(ready, signal);
    this.#delivery.forgetOthers(known);
  }

  close(): void {
    this.#held.close();
  }

  /** A folder that was replaced is opened anew, under the same conditions. */
  #isHeld(): boolean {
    if (this.#held.isInPlace()) return true;
    try {
      const held = new HeldFolder(this.#row.path);
      this.#held.close();
      this.#held = held;
      return true;
    } catch {
      return false;
    }
  }

  /** The files whose names match. Names that are gone are forgotten. */
  async *#files(signal: AbortSignal | undefined): AsyncGenerator<ReadyFile> {
    const turns = new Turns(signal);
    const before = this.#seen;
    this.#seen = new Map();
    for (const name of this.#held.names()) {
      const shown = displayName(name);
      const stats = this.#matches(decodeText(name) ?? name.toString('latin1'))
        ? this.#held.look(name)
        : undefined;
      if (stats === undefined) continue;
      const state = stateOf(stats);
      const key = name.toString('latin1');
      const known = before.get(key);
      const seen =
        known?.state === state
          ? known
          : {
              tries: 0,
              notBefore: 0,
              listed: new Set<ListedReason>(),
              ...known,
              name,
              state,
              since: milliseconds(),
            };
      this.#seen.set(key, seen);
      const original = { stats, folder: this.#row.path, path: path.join(this.#row.path, shown) };
      yield { ...original, seen, id: idOf(original) };
      if (turns.isDue) await turns.take();
    }
  }

  #unfit(stats: fs.BigIntStats): ListedReason | undefined {
    if (stats.isSymbolicLink()) return 'link';
    if (stats.isDirectory()) return 'folder';
    if (!stats.isFile()) return 'special';
    if (stats.nlink > 1n) return 'hard-link';
    if (stats.dev !== this.#held.stats.dev) return 'other-device';
    return undefined;
  }

  /**
   * Unchanged for long enough, by what was seen or by the file's change time, which no program can set. Where
   * the clock was set back that is in the future, and says nothing.
   */
  #isQuiet({ since }: SeenFile, { ctimeNs }: fs.BigIntStats): boolean {
    const { quiet } = this.#row;
    const age = Date.now() - Number(ctimeNs / MILLISECOND);
    return age >= quiet || milliseconds() - since >= quiet;
  }

  async *#takeReady(
    ready: readonly ReadyFile[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TakenDump | ListedFile> {
    if (ready.length === 0) return;
    const writers = await this.#writersOf(ready, signal);
    const turns = new Turns(signal);
    for (const file of ready) {
      if (turns.isDue) await turns.take();
      const { stats } = file;
      if (writers.has(file)) yield* this.#list(file, 'in-use');
      else if (stats.size === 0n) yield* this.#list(file, 'empty');
      else if (this.#isLocked(file)) yield* this.#list(file, 'locked');
      else if (this.#context.hasRoom?.(Number(stats.size)) === false) yield* this.#list(file, 'no-room');
      else yield* this.#seal(file, signal);
    }
  }

  async #writersOf(files: readonly ReadyFile[], signal: AbortSignal | undefined): Promise<Set<ReadyFile>> {
    const sought = files.map((file) => ({
      file,
      dev: file.stats.dev,
      ino: file.stats.ino,
      name: path.basename(file.path),
    }));
    const found = await findWriters(sought, signal);
    return new Set(sought.filter((each) => found.has(each)).map(({ file }) => file));
  }

  /** Crashpad locks UUID.dmp by UUID.lock, while it is moved or uploaded. */
  #isLocked({ seen: { name } }: ReadyFile): boolean {
    const text = name.toString('latin1');
    const lock = `${path.parse(text).name}.lock`;
    return lock !== text && this.#held.look(Buffer.from(lock, 'latin1')) !== undefined;
  }

  async *#seal(file: ReadyFile, signal: AbortSignal | undefined): AsyncGenerator<TakenDump | ListedFile> {
    const { seen, id } = file;
    const fd = this.#opened(file);
    if (fd === undefined) return yield* this.#failed(file, 'unreadable');
    try {
      const isAsSeen = (): boolean =>
        stateOf(fs.fstatSync(fd, { bigint: true })) === seen.state && this.#isAsSeen(seen);
      const isUnchanged = async (): Promise<boolean> =>
        isAsSeen() && (await this.#writersOf([file], signal)).size === 0 && isAsSeen();
      const result = isAsSeen() ? await this.#delivery.deliver(id, fd, file, isUnchanged, signal) : 'changed';
      if (result === 'delivered') yield* this.#finish(file, true);
      else yield* this.#failed(file, result === 'changed' ? 'changing' : 'unreadable');
    } finally {
      fs.closeSync(fd);
    }
  }

  #opened({ seen: { name } }: ReadyFile): number | undefined {
    try {
      return this.#held.open(name);
    } catch (error) {
      // Replaced by a link, or gone; or a file that the guard may not read.
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }

  #isAsSeen({ name, state }: SeenFile): boolean {
    const stats = this.#held.look(name);
    return stats !== undefined && stateOf(stats) === state;
  }

  /** Removes the original of a sealed file, if it is to be removed. `isNew`: it was sealed in this look. */
  *#finish(file: ReadyFile, isNew: boolean): Generator<TakenDump | ListedFile> {
    const { seen, id, stats } = file;
    const taken: TakenDump = {
      kind: 'taken',
      id,
      path: file.path,
      uid: Number(stats.uid),
      bytes: Number(stats.size),
    };
    if (this.#row.original === 'keep') {
      if (isNew) yield taken;
      return;
    }
    // A file that has changed since is another one, and stays.
    if (!this.#isAsSeen(seen)) return;
    try {
      this.#held.remove(seen.name);
    } catch {
      return yield* this.#list(file, 'not-removed');
    }
    this.#delivery.forget(id);
    yield { ...taken, seconds: secondsSince(stats.mtimeNs) };
  }

  /** Counts an attempt. Files that fail again and again are listed, and tried less often. */
  *#failed(file: ReadyFile, reason: ListedReason): Generator<ListedFile> {
    const { seen } = file;
    seen.tries++;
    seen.notBefore = milliseconds() + (seen.tries < MOST_TRIES ? this.#row.quiet : RETRY);
    if (seen.tries < MOST_TRIES) this.#waiting++;
    else yield* this.#list(file, reason);
  }

  *#list({ seen, path: name }: ReadyFile, reason: ListedReason): Generator<ListedFile> {
    if (seen.listed.has(reason)) return;
    seen.listed.add(reason);
    yield listedFile(name, reason);
  }
}

/** Seconds to one decimal; 0 if the clock was set back. */
const secondsSince = (time: bigint): number =>
  Math.max(0, Math.round((Date.now() - Number(time / MILLISECOND)) / 100) / 10);

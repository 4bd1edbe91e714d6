import fs from 'node:fs';
import path from 'node:path';
import { DumpsieveError, reasonOf, systemCode } from '../../core/base/runtime/errors.js';
import { escapeText } from '../../core/base/text/escape.js';

/**
 * The folders of a guard, below `state`: the spool, into which the handler seals, and where each dump goes
 * from there. They are on one file system, so that a dump goes from one to the next by a rename.
 */

/** Seconds since the epoch, boot, process, and a digest of user and program: no text that a crash chooses. */
const ID = /^\d{1,12}-[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16}$/;
const SEALED = /^(?<id>[0-9a-f-]+)(?<cut>\.cut)?\.age$/;

export const FOLDERS = ['spool', 'work', 'out', 'quarantine'] as const;

export type FolderName = (typeof FOLDERS)[number];

/** A sealed dump in a folder. */
export interface SealedDump {
  id: string;
  /** The handler has cut it: there was more. */
  isCut: boolean;
}

/** The sealed dump of a name; undefined for all other names. */
export function sealedDumpOf(name: string): SealedDump | undefined {
  const { id, cut } = SEALED.exec(name)?.groups ?? {};
  return id !== undefined && ID.test(id) ? { id, isCut: cut !== undefined } : undefined;
}

/** What a handler is writing: `.ID.` and anything. Its facts of the process are of no use without a dump. */
const DRAFT = /^\.(?<id>[0-9a-f-]+)\.(?!info)/;

/** The id of a file under a dot name that is a dump; undefined for all other names. */
export function draftIdOf(name: string): string | undefined {
  const id = DRAFT.exec(name)?.groups?.id;
  return id !== undefined && ID.test(id) ? id : undefined;
}

const INFO = /^(?<id>[0-9a-f-]+)\.info\.age$/;

/** The id of what is known of a process; undefined for all other names. */
export function infoIdOf(name: string): string | undefined {
  const id = INFO.exec(name)?.groups?.id;
  return id !== undefined && ID.test(id) ? id : undefined;
}

export const sealedName = ({ id, isCut }: SealedDump): string => `${id}${isCut ? '.cut' : ''}.age`;
export const infoName = (id: string): string => `${id}.info.age`;

/** User and program of a dump, as a digest: a crash loop is many dumps with one of them. */
export const loopKeyOf = (id: string): string => id.slice(id.lastIndexOf('-') + 1);

/** When a dump was made, by the clock of its machine, in milliseconds. */
export const timeOf = (id: string): number => Number(id.slice(0, id.indexOf('-'))) * 1000;

/** The folders of one guard. Every change of a name is on the disk when the method returns. */
export class Layout {
  readonly state: string;

  constructor(state: string) {
    this.state = state;
  }

  /** Creates what is missing. Throws (exit 3) if the state may be read by others. */
  static open(state: string): Layout {
    const layout = new Layout(state);
    try {
      fs.mkdirSync(state, { recursive: true, mode: 0o700 });
      layout.restore();
    } catch (error) {
      throw unusable(state, reasonOf(error), error);
    }
    if (process.platform !== 'win32' && (fs.statSync(state).mode & 0o077) !== 0)
      throw unusable(state, 'others may enter it: chmod 700');
    return layout;
  }

  /** Makes folders anew that were removed meanwhile: a handler without its spool loses dumps. */
  restore(): void {
    for (const name of FOLDERS) fs.mkdirSync(this.path(name), { recursive: true, mode: 0o700 });
  }

  path(folder: FolderName, ...names: string[]): string {
    return path.join(this.state, folder, ...names);
  }

  /** The folder of one attempt, and the copy that is not verified yet. */
  attempt(id: string, attempt: number): string {
    return this.path('work', `${id}.try-${attempt}`);
  }

  /** A verified copy that has not its name in `out` yet, its manifest and its signature. */
  staged(id: string): [copy: string, manifest: string, signature: string] {
    const name = this.path('work', `${id}.copy`);
    return [name, `${name}.manifest.json`, `${name}.manifest.json.minisig`];
  }

  published(id: string): [copy: string, manifest: string, signature: string] {
    const name = this.path('out', id);
    return [name, `${name}.manifest.json`, `${name}.manifest.json.minisig`];
  }

  /** The sealed dumps of a folder, the oldest first. */
  sealed(folder: FolderName): SealedDump[] {
    const found = fs.readdirSync(this.path(folder)).flatMap((name) => sealedDumpOf(name) ?? []);
    return found.sort((a, b) => timeOf(a.id) - timeOf(b.id) || (a.id < b.id ? -1 : 1));
  }

  /** Moves a sealed dump, after what is known of its process. */
  move(dump: SealedDump, from: FolderName, to: FolderName): void {
    for (const name of [infoName(dump.id), sealedName(dump)])
      this.rename(this.path(from, name), this.path(to, name), name !== sealedName(dump));
  }

  /** `ifThere`: a name that is missing is no error. */
  rename(from: string, to: string, ifThere = false): void {
    try {
      fs.renameSync(from, to);
    } catch (error) {
      if (ifThere && systemCode(error) === 'ENOENT') return;
      throw error;
    }
    for (const folder of new Set([path.dirname(to), path.dirname(from)])) syncFolder(folder);
  }

  /** The part of the file system that the folders take. */
  share(): number {
    return this.#allocated(this.state) / this.total();
  }

  /** Bytes of the file system. */
  total(): number {
    const { blocks, bsize } = fs.statfsSync(this.state);
    return blocks * bsize;
  }

  #allocated(folder: string): number {
    let bytes = 0;
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const name = path.join(folder, entry.name);
      // It may have been renamed or removed meanwhile.
      if (entry.isDirectory()) bytes += this.#allocated(name);
      else bytes += (fs.lstatSync(name, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    }
    return bytes;
  }

  remove(...names: string[]): void {
    for (const name of names) fs.rmSync(name, { recursive: true, force: true });
    for (const folder of new Set(names.map((name) => path.dirname(name)))) syncFolder(folder);
  }
}

/** Windows has no descriptor of a folder. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, fs.constants.O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function unusable(state: string, reason: string, cause?: unknown): DumpsieveError {
  const message = `${escapeText(state)}: it cannot be the state of a guard (${reason})`;
  const hint = 'name a folder that only the guard may enter, on one file system';
  return new DumpsieveError({ code: 'guard-state-unusable', message, hint }, 3, cause);
}

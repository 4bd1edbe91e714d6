import { definedFields } from '../core/base/runtime/defined.js';
import type { ArtifactReport, ProcessFacts } from '../core/model/report.js';
import { type Origin, Origins } from './origin.js';
import { plural, shorten, unreadText } from './text.js';

/** Facts of an artifact that reports repeat at its findings and answers. */
export interface KnownArtifact {
  path: string;
  format: string;
  origin: Origin;
  /** Index of the file that it is or lies in. */
  file: number;
  /** "process api, pid 4242, SIGABRT", or empty. */
  process: string;
  size: number;
  /** Bytes that were searched. */
  read: number;
  /** What was not searched: "96 bytes not read, memory missing"; empty if nothing. */
  gaps: string;
  sha256?: string;
  /** Number of a process that still runs: its memory was searched, and no file. */
  running?: number;
}

/** The artifacts of a scan, and the files among them: members and unpacked content are no files. */
export class ArtifactList {
  readonly #all: KnownArtifact[] = [];
  readonly #origins = new Origins();
  /** Path of each file. */
  readonly #files: string[] = [];

  get files(): number {
    return this.#files.length;
  }

  add(event: ArtifactReport): KnownArtifact {
    const { path, format, process, sha256 } = event;
    const origin = this.#origins.next(event);
    if (origin.inside.length === 0) this.#files.push(path);
    const file = this.#files.length - 1;
    const searched = searchedPart(event);
    const running = process?.running === true ? process.pid : undefined;
    const known = { path, format, origin, file, process: processText(process), ...searched, sha256, running };
    this.#all.push(definedFields(known));
    return known as KnownArtifact;
  }

  at(index: number): KnownArtifact | undefined {
    return this.#all[index];
  }

  /** Its path; a number for an artifact without an event, in a report that was cut. */
  pathOf(artifact: number): string {
    return this.at(artifact)?.path ?? `artifact ${artifact}`;
  }

  pathOfFile(file: number): string {
    return this.#files[file] ?? '';
  }

  [Symbol.iterator](): IterableIterator<KnownArtifact> {
    return this.#all.values();
  }
}

/** gcore stops the process whose core it writes: that is no crash. */
const STOPPED = { name: 'SIGSTOP', number: 19 };

function processText(facts: ProcessFacts | undefined): string {
  const { name, executable, pid, signal, signalName } = facts ?? {};
  const stopped = signalName === STOPPED.name || signal === STOPPED.number || signal === 0;
  const died = stopped ? undefined : (signalName ?? (signal === undefined ? undefined : `signal ${signal}`));
  const parts = [name ?? executable, pid === undefined ? undefined : `pid ${pid}`, died];
  const text = parts.filter((part) => part !== undefined && part !== '').join(', ');
  return text === '' ? '' : `process ${shorten(text, 120)}`;
}

function searchedPart({ size, coverage }: ArtifactReport): { read: number; size: number; gaps: string } {
  const { file, memory, limits } = coverage;
  // Other limits have no part in an answer to --find.
  const asked = limits.filter(({ target }) => target === 'asked').length;
  const accepted = new Set(limits.filter((limit) => limit.accepted).map(({ search }) => search));
  const missed = file.unread.reduce((sum, { length }) => sum + (length ?? 0), 0);
  const endless = file.unread.some(({ length }) => length === null);
  const gaps = [
    ...(size === 0 && !endless ? ['no byte to search'] : []),
    ...(missed > 0 ? [`${endless ? 'at least ' : ''}${plural(missed, 'byte')} not read`] : []),
    ...(missed === 0 && endless ? [`${unreadText(null)} not read`] : []),
    ...((memory?.missing.length ?? 0) > 0 ? ['memory missing'] : []),
    ...(asked > 0 ? [`${plural(asked, 'search', 'searches')} at a limit`] : []),
    ...(accepted.size > 0 ? [`limits accepted by --accept-limits: ${[...accepted].join(' ')}`] : []),
  ];
  return { read: Math.max(0, file.bytes - missed), size: Math.max(size, file.bytes), gaps: gaps.join(', ') };
}

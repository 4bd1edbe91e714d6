import { defineWarnings, type Warning } from '../core/base/runtime/warnings.js';
import { type Limit, limitOf } from '../core/limits/limit.js';
import type { ArtifactReport, Coverage, ProcessFacts, Unread } from '../core/model/report.js';
import type { FileWatch } from '../source/file-watch.js';
import type { OpenDump } from './open-dump.js';

/** The account of one artifact's bytes: lists all that was not read, not decoded or not searched. */
export class Ledger {
  readonly #dump: Pick<OpenDump, 'artifact' | 'dump'>;
  readonly #missed: Unread[] = [];
  readonly limits: Limit[] = [];
  /** Warnings of the sweep and of the steps after it. */
  readonly warnings: Warning[] = [];
  /** Bytes that were swept. */
  swept = 0;
  /** Regions and entropy, under --regions, once all is swept. */
  map: Pick<ArtifactReport, 'regions' | 'entropy'> = {};
  /** SHA-256 of all stored bytes, under --hash, if all could be read. */
  sha256: string | undefined;

  constructor(dump: Pick<OpenDump, 'artifact' | 'dump'>) {
    this.#dump = dump;
  }

  /** With those of the source, which may add some until the sweep ends, and of the dump's reader. */
  get unread(): Unread[] {
    const { artifact, dump } = this.#dump;
    return [...artifact.unread, ...dump.unread, ...this.#missed];
  }

  /** Adds an unread range. Adjacent ranges with the same reason are merged. */
  miss(offset: number, length: number | null, reason: string): void {
    const last = this.#missed.at(-1);
    if (
      last &&
      last.length !== null &&
      length !== null &&
      last.reason === reason &&
      last.offset + last.length === offset
    ) {
      last.length += length;
    } else this.#missed.push({ offset, length, reason });
  }

  /** Adds the limits for hits that were counted and not examined. */
  skipped(limits: readonly Limit[]): void {
    if (limits.length === 0) return;
    this.limits.push(...limits);
    const rules = limits.length === 1 ? 'a rule has' : `${limits.length} rules have`;
    this.warnings.push(
      warnings.of('hits-not-examined', {
        message: `${rules} more matches, or failed hits, than the budget of one artifact`,
        hint: 'scan again with --effort deep, which examines all of them; coverage.limits names the rules',
      }),
    );
  }

  /** Drops limits of bytes that count as unread: what could be missed in them is said there. */
  dropUnreadLimits(): void {
    const ranges = this.unread;
    const isUnread = ({ offset, length }: Limit): boolean =>
      ranges.some(
        (each) =>
          each.length !== null && each.offset <= offset && offset + length <= each.offset + each.length,
      );
    const kept = this.limits.filter((limit) => !isUnread(limit));
    this.#setLimits(kept);
  }

  /** Drops all limits: what could be missed in compressed bytes is searched for in their content. */
  dropLimits(): void {
    this.#setLimits([]);
  }

  #setLimits(kept: readonly Limit[]): void {
    this.limits.splice(0, this.limits.length, ...kept);
    if (kept.some(({ search }) => search === 'detect')) return;
    const others = this.warnings.filter(({ code }) => code !== 'hits-not-examined');
    this.warnings.splice(0, this.warnings.length, ...others);
  }

  /** Adds what went wrong when bytes were read again: for windows around hits, and for copies. */
  reread({ trouble, failed, cutWindows, length }: OpenDump): void {
    if (trouble !== undefined) {
      this.miss(0, null, trouble.message);
      this.warnings.push(trouble);
    }
    if (failed !== undefined && this.unread.length === 0)
      this.miss(failed.offset, null, `could be read once, but not again (${failed.error})`);
    if (cutWindows > 0)
      this.limits.push(
        limitOf(
          'windows',
          { left: cutWindows },
          { offset: 0, length },
          `${cutWindows} windows around hits were cut: they span too many segments`,
        ),
      );
  }

  /** Adds what changed about the file since it was opened. */
  compare(watch: FileWatch | undefined): void {
    const sizeReported = this.warnings.some(({ code }) => code === 'file-grew' || code === 'file-shrank');
    this.warnings.push(...(watch?.changes(sizeReported) ?? []));
  }

  coverage({ dump, length }: Pick<OpenDump, 'dump' | 'length'>): Coverage {
    const file = { bytes: length, unread: this.unread };
    const { limits } = this;
    if (dump.memory === undefined) return { file, limits };
    const { described, present, missing } = dump.memory;
    return { file, memory: { described, present, missing }, limits };
  }
}

/** The artifact event without its verdict. The warnings have their effects. */
export interface UnjudgedReport extends Omit<ArtifactReport, 'verdict' | 'warnings'> {
  warnings: Warning[];
}

export function describe(open: OpenDump, ledger: Ledger): UnjudgedReport {
  const { artifact, dump, length } = open;
  const warnings: Warning[] = [...artifact.warnings, ...dump.warnings, ...ledger.warnings];
  const { path, mtime } = artifact;
  const { sha256 } = ledger;
  const process: ProcessFacts = artifact.undumped ? { ...dump.process, running: true } : dump.process;
  return {
    path,
    format: dump.format,
    size: length,
    ...(mtime === undefined ? {} : { mtime: mtime.toISOString() }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(Object.keys(process).length === 0 ? {} : { process }),
    coverage: ledger.coverage(open),
    warnings,
    ...ledger.map,
  };
}

export const warnings = defineWarnings({
  'companion-missing': 'incomplete',
  'companion-size': 'incomplete',
  'copies-not-searched': 'strict',
  'file-grew': 'incomplete',
  'file-shrank': 'incomplete',
  'files-not-opened': 'note',
  // The scan was stopped, which makes it incomplete by itself.
  'findings-not-listed': 'note',
  // Their limit makes the exit status 2 by itself.
  'hits-not-examined': 'note',
  // Without --find and --strict as --if-no-files says.
  'nothing-searched': 'incomplete',
  // The bytes are in coverage.file.unread, which makes the exit status 2 by itself.
  'read-failed': 'note',
  'source-failed': 'incomplete',
  stopped: 'note',
});

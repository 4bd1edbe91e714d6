import type { Warning } from '../base/runtime/warnings.js';
import type { ArtifactReport, Coverage, Limit, Unread } from '../model/report.js';
import type { Opened } from './open-dump.js';
import { warnings } from './warnings.js';

/** What became of one artifact's bytes: everything that was not read, not decoded or not searched has a line here. */
export class Ledger {
  readonly #opened: Pick<Opened, 'artifact' | 'dump'>;
  readonly #missed: Unread[] = [];
  readonly limits: Limit[] = [];
  /** Of the sweep and of what follows it. */
  readonly warnings: Warning[] = [];
  /** Bytes that were swept. */
  swept = 0;
  /** SHA-256 of all stored bytes, where it was asked for and all could be read. */
  sha256: string | undefined;

  constructor(opened: Pick<Opened, 'artifact' | 'dump'>) {
    this.#opened = opened;
  }

  /** With what the source and the dump's reader told; the source may tell more until the sweep has ended. */
  get unread(): Unread[] {
    const { artifact, dump } = this.#opened;
    return [...artifact.unread, ...dump.unread, ...this.#missed];
  }

  /** A range whose bytes did not come; neighbours with one reason become one. */
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

  /** A flood: hits that were counted and not examined. */
  skipped(limits: readonly Limit[]): void {
    if (limits.length === 0) return;
    this.limits.push(...limits);
    this.warnings.push(
      warnings.of('hits-not-examined', {
        message: `${limits.length === 1 ? 'a rule has' : `${limits.length} rules have`} more matches, or hits that come to nothing, than are looked at in one artifact`,
        hint: 'scan again with --deep, which looks at all of them, or see coverage.limits for the rules',
      }),
    );
  }

  coverage({ dump, length }: Pick<Opened, 'dump' | 'length'>): Coverage {
    const { described, present, missing } = dump.memory ?? {};
    return {
      file: { bytes: length, unread: this.unread },
      ...(described === undefined || present === undefined || missing === undefined
        ? {}
        : { memory: { described, present, missing } }),
      limits: this.limits,
    };
  }
}

/** An artifact's report before its verdict; its warnings still have their effects. */
export interface UnjudgedReport extends Omit<ArtifactReport, 'verdict' | 'warnings'> {
  warnings: Warning[];
}

export function describe(opened: Opened, ledger: Ledger): UnjudgedReport {
  const { artifact, dump, length } = opened;
  return {
    path: artifact.path,
    format: dump.format,
    size: length,
    ...(artifact.mtime === undefined ? {} : { mtime: artifact.mtime.toISOString() }),
    ...(ledger.sha256 === undefined ? {} : { sha256: ledger.sha256 }),
    ...(Object.keys(dump.process).length === 0 ? {} : { process: dump.process }),
    coverage: ledger.coverage(opened),
    warnings: [...artifact.warnings, ...dump.warnings, ...ledger.warnings],
  };
}

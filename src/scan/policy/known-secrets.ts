import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Secret } from '../../core/base/crypto/secret.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Finding } from '../../core/model/report.js';
import type { ScanOptions } from '../../core/options/check-options.js';
import type { FileEntry } from '../secret-files/keys.js';
import { readTargetFiles } from '../secret-files/target-files.js';
import { knownFingerprints } from './allow-list.js';
import {
  Baseline,
  BaselineWriter,
  notWritable,
  readBaseline,
  replaceBaseline,
  warnings,
} from './baseline.js';

type KnownSecretsOptions = Pick<ScanOptions, 'baseline' | 'writeBaseline' | 'allow'>;

const ALLOW = {
  unreadable: { code: 'allow-unreadable', hint: 'check the path given to --allow' },
  unknown: 'known-secrets-unreadable',
};

const NOT_UNDERSTOOD = 'it is not allowed: decrypt, repair or remove it';

interface Next {
  file: string;
  writer: BaselineWriter;
}

/** What the files say. */
interface Known {
  allowed: readonly FileEntry[];
  suppression: Suppression | undefined;
  baseline: Baseline | undefined;
  next: Next | undefined;
  notices: readonly Warning[];
}

/** Secrets that a team knows already: its baseline and allow lists. Writes the next baseline. */
export class KnownSecrets {
  /** Undefined if no secret is known. */
  readonly suppression: Suppression | undefined;
  /** Entries of the allow lists: their secrets are masked. */
  readonly allowed: readonly FileEntry[];
  readonly #known: Known;
  readonly #notices: Warning[];

  private constructor(known: Known) {
    this.allowed = known.allowed;
    this.suppression = known.suppression;
    this.#known = known;
    this.#notices = [...known.notices];
  }

  /**
   * Reads all files before the first byte of a dump. Throws (exit 3) for one that cannot be read or written.
   * `passwords`: of encrypted keys in allow lists.
   */
  static async open(
    { baseline: file, writeBaseline, allow = [] }: KnownSecretsOptions,
    passwords: readonly Secret[] = [],
  ): Promise<KnownSecrets> {
    const baseline = file === undefined ? undefined : readBaseline(file);
    const allowed: FileEntry[] = [];
    const notices: Warning[] = [];
    for (const list of allow) {
      const { files, unread } = await readTargetFiles(list, { ...ALLOW, passwords });
      allowed.push(...files.flatMap(({ entries }) => entries));
      for (const message of unread)
        notices.push(warnings.of('allow-not-understood', { message, hint: NOT_UNDERSTOOD }));
    }
    const next = writeBaseline === undefined ? undefined : nextBaseline(writeBaseline, baseline);
    const fingerprints = knownFingerprints(allowed);
    const isAny = baseline !== undefined || fingerprints.size > 0;
    const suppression = isAny ? suppressionBy(baseline ?? new Baseline(), fingerprints) : undefined;
    return new KnownSecrets({ allowed, suppression, baseline, next, notices });
  }

  /** The same files for another report, which writes no baseline. */
  again(): KnownSecrets {
    return new KnownSecrets({ ...this.#known, next: undefined });
  }

  /** Takes each reported finding. */
  add(finding: Finding): void {
    const { baseline, next } = this.#known;
    if (baseline) this.#notices.push(...baseline.notices([finding]));
    next?.writer.add(finding);
  }

  /**
   * Writes the next baseline and returns warnings about it. Throws (exit 3) if it cannot be written. `seen`:
   * how much of the input was scanned. If only some was, entries without a finding stay in the baseline.
   */
  writeBaseline(seen: 'all' | 'some' | 'aborted', mask: (text: string) => string): Warning[] {
    const notices = [...this.#notices];
    const { next } = this.#known;
    if (next === undefined) return notices;
    const { file, writer } = next;
    if (seen === 'aborted')
      return [
        ...notices,
        warnings.of('baseline-not-written', {
          message: `${file} was not written: the scan was stopped before its end`,
          hint: 'scan again',
        }),
      ];
    const kept = seen === 'all' ? 0 : writer.keepUnseen();
    if (kept > 0)
      notices.push(
        warnings.of('baseline-kept', {
          message: `${file} keeps ${kept} entries without a finding: not everything was scanned`,
          hint: 'scan again when all files can be read: then entries without a finding are removed',
        }),
      );
    replaceBaseline(file, writer.text(mask));
    const { unfingerprinted } = writer;
    if (unfingerprinted > 0)
      notices.push(
        warnings.of('baseline-incomplete', {
          message: `${unfingerprinted} findings have no fingerprint and are not in ${file}`,
          hint: 'they are guessable secrets after the first 1,000 of a scan: scan fewer dumps at once',
        }),
      );
    return notices;
  }
}

/** Keeps what people wrote about entries. Never overwrites a file that is not a baseline. */
function nextBaseline(file: string, baseline: Baseline | undefined): Next {
  const there = existsSync(file);
  try {
    accessSync(there ? file : dirname(file), constants.W_OK);
  } catch (error) {
    throw notWritable(file, error);
  }
  const before = there ? readBaseline(file) : undefined;
  return { file, writer: new BaselineWriter(baseline ?? before) };
}

/**
 * Says whether a baseline or an allow list holds a fingerprint or, for an allow list, another name of the key
 * (`prove/key-identifiers.ts`).
 */
export type Suppression = (
  fingerprint: string,
  names: () => readonly string[],
) => 'baseline' | 'allowed' | undefined;

/** The allow list takes precedence over the baseline. */
export function suppressionBy(baseline: Baseline, allowed: ReadonlySet<string>): Suppression {
  const isAllowed = (name: string): boolean => allowed.has(name);
  return (fingerprint, names) => {
    if (isAllowed(fingerprint) || (allowed.size > 0 && names().some(isAllowed))) return 'allowed';
    return baseline.has(fingerprint) ? 'baseline' : undefined;
  };
}

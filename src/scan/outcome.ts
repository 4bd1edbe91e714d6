import { EXIT, type Notice, worstExit } from '../core/base/runtime/errors.js';
import { type Effect, noticeOf, type Warning } from '../core/base/runtime/warnings.js';
import { effectOfLimit, type LimitEffect } from '../core/limits/limit-effect.js';
import type { Coverage, Verdict } from '../core/model/report.js';
import { type UnjudgedReport, warnings } from './ledger.js';

/** Warnings of a scan that belong to no artifact, and the causes of its verdict and exit status. */
export class Outcome {
  readonly notices: Notice[] = [];
  readonly #options: ExitOptions;
  readonly #causes = new Set<Exclude<Cause, 'misuse'>>();

  constructor(options: ExitOptions) {
    this.#options = options;
  }

  warn(warning: Warning & { path?: string }): void {
    const { path: _path, ...shown } = warning;
    this.notices.push(noticeOf(shown));
    const cause = causeOfWarning(warning);
    if (cause !== undefined && cause !== 'misuse') this.#causes.add(cause);
  }

  abort(reason: string): void {
    if (this.aborted) return;
    this.#causes.add('aborted');
    this.warn(
      warnings.of('stopped', {
        message: `${reason}: the rest was not scanned`,
        hint: 'scan again; keep the dumps where they are until then',
      }),
    );
  }

  get aborted(): boolean {
    return this.#causes.has('aborted');
  }

  /**
   * `counts`: a finding that counts lies in the artifact. `answered`: of the answers to --find all are
   * complete.
   */
  artifact(report: UnjudgedReport, counts: boolean): { verdict: Verdict; answered: boolean } {
    const causes = causesOfArtifact({ ...report, counts });
    if (causes.size === 0) return { verdict: 'nothing-found', answered: true };
    for (const cause of causes) if (cause !== 'misuse') this.#causes.add(cause);
    return {
      verdict: verdictOf(causes, this.#options),
      answered: isAnswered(causes),
    };
  }

  /** A finding that counts: evidence for a key may come after the verdict of its artifact. */
  finding(): void {
    this.#causes.add('findings');
  }

  unopened(): void {
    this.#causes.add('unread');
  }

  /** True if every byte was read and searched, as far as the options without --strict require. */
  get complete(): boolean {
    return isComplete(this.#causes, { exitZero: false, strict: false, expectAbsent: false });
  }

  summary(): ReturnType<typeof outcomeOf> {
    return outcomeOf(this.#causes, this.#options);
  }
}

/** Causes of an exit status other than 0. */
export const CAUSES = [
  'findings',
  'unread',
  'incomplete-notice',
  'aborted',
  'missing-memory',
  'asked-limit',
  'likely-limit',
  'limits',
  'strict-notice',
  'misuse',
] as const;
export type Cause = (typeof CAUSES)[number];

export interface ExitOptions {
  /** Removes the cause `findings` before causes are ranked. */
  exitZero: boolean;
  /** Missing memory, all limits and strict notices become causes. */
  strict: boolean;
  /** `--expect-absent`: of all limits only those of targets become causes. */
  expectAbsent: boolean;
}

type Status = (typeof EXIT)[keyof typeof EXIT];

interface Row {
  exit: Exclude<Status, 0>;
  applies(options: ExitOptions): boolean;
}

const always = (): boolean => true;
const strictly = (options: ExitOptions): boolean => options.strict;
const gated = (options: ExitOptions): boolean => options.strict || options.expectAbsent;

/** The exit status of each cause, and when the cause applies. */
const TABLE: Record<Cause, Row> = {
  findings: { exit: EXIT.findings, applies: (options) => !options.exitZero },
  unread: { exit: EXIT.incomplete, applies: always },
  'incomplete-notice': { exit: EXIT.incomplete, applies: always },
  aborted: { exit: EXIT.incomplete, applies: always },
  'missing-memory': { exit: EXIT.incomplete, applies: gated },
  'asked-limit': { exit: EXIT.incomplete, applies: always },
  // No answer to --find depends on what was not asked for.
  'likely-limit': { exit: EXIT.incomplete, applies: (options) => options.strict || !options.expectAbsent },
  limits: { exit: EXIT.incomplete, applies: strictly },
  'strict-notice': { exit: EXIT.incomplete, applies: gated },
  misuse: { exit: EXIT.misuse, applies: always },
};

const CAUSE_OF_EFFECT: Readonly<Record<Effect, Cause | undefined>> = {
  note: undefined,
  strict: 'strict-notice',
  incomplete: 'incomplete-notice',
};

const CAUSE_OF_LIMIT: Readonly<Record<LimitEffect, Cause | undefined>> = {
  asked: 'asked-limit',
  likely: 'likely-limit',
  note: 'limits',
  accepted: undefined,
};

/** The cause that follows from a warning, if any. */
function causeOfWarning({ effect }: Pick<Warning, 'effect'>): Cause | undefined {
  return CAUSE_OF_EFFECT[effect];
}

/** Causes in one artifact. `counts`: a finding that counts lies in it. */
export function causesOfArtifact(artifact: {
  counts: boolean;
  coverage: Coverage;
  warnings: readonly Warning[];
}): Set<Cause> {
  const { counts, coverage, warnings } = artifact;
  const causes = new Set<Cause>();
  if (counts) causes.add('findings');
  if (coverage.file.unread.length > 0) causes.add('unread');
  if ((coverage.memory?.missing.length ?? 0) > 0) causes.add('missing-memory');
  const limits = coverage.limits.map((limit) => CAUSE_OF_LIMIT[effectOfLimit(limit)]);
  for (const cause of [...limits, ...warnings.map(causeOfWarning)]) if (cause) causes.add(cause);
  return causes;
}

export function exitStatus(causes: ReadonlySet<Cause>, options: ExitOptions): Status {
  return worstExit(new Set([...causes].filter((c) => TABLE[c].applies(options)).map((c) => TABLE[c].exit)));
}

/** True if every byte was read and searched, as far as these options require. */
function isComplete(causes: ReadonlySet<Cause>, options: ExitOptions): boolean {
  return ![...causes].some((c) => TABLE[c].exit === EXIT.incomplete && TABLE[c].applies(options));
}

const ANSWERING: ExitOptions = { exitZero: false, strict: false, expectAbsent: true };

/** True if answers to `--find` are complete: limits of other targets have no part in them. */
export const isAnswered = (causes: ReadonlySet<Cause>): boolean => isComplete(causes, ANSWERING);

/** `findings` if one counts (also under `--exit-zero`), else `incomplete` if not everything was read. */
export function verdictOf(causes: ReadonlySet<Cause>, options: ExitOptions): Verdict {
  if (causes.has('findings')) return 'findings';
  return isComplete(causes, options) ? 'nothing-found' : 'incomplete';
}

/** Verdict, completeness and exit status of a scan, from the causes of all its artifacts and notices. */
export function outcomeOf(
  causes: ReadonlySet<Exclude<Cause, 'misuse'>>,
  options: ExitOptions,
): { verdict: Verdict; complete: boolean; exit: 0 | 1 | 2 } {
  return {
    verdict: verdictOf(causes, options),
    complete: isComplete(causes, options),
    exit: exitStatus(causes, options) as 0 | 1 | 2,
  };
}

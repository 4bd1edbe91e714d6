import { EXIT, worstExit } from '../../core/base/runtime/errors.js';
import type { Effect, Warning } from '../../core/base/runtime/warnings.js';
import { effectOfLimit, type LimitEffect } from '../../core/limits/limit-effect.js';
import type { Coverage, Verdict } from '../../core/model/report.js';

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
export function causeOfWarning({ effect }: Pick<Warning, 'effect'>): Cause | undefined {
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
export function isComplete(causes: ReadonlySet<Cause>, options: ExitOptions): boolean {
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

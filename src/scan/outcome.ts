import type { Notice } from '../core/base/runtime/errors.js';
import { noticeOf, type Warning } from '../core/base/runtime/warnings.js';
import type { Verdict } from '../core/model/report.js';
import type { UnjudgedReport } from './ledger.js';
import {
  type Cause,
  causeOfWarning,
  causesOfArtifact,
  type ExitOptions,
  isAnswered,
  isComplete,
  outcomeOf,
  verdictOf,
} from './policy/exit.js';
import { warnings } from './warnings.js';

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

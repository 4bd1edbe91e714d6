import type { Notice } from '../base/runtime/errors.js';
import type { ArtifactReport, Verdict } from '../model/report.js';
import {
  type Cause,
  causeOfNotice,
  causesOfArtifact,
  type ExitOptions,
  isComplete,
  type JudgedNotice,
  outcomeOf,
  verdictOf,
} from '../policy/exit.js';
import type { SourceNotice } from '../source/types.js';

/** Warnings of a scan that belong to no artifact, and the causes of its verdict and exit status. */
export class Outcome {
  readonly notices: Notice[] = [];
  readonly #options: ExitOptions;
  readonly #causes = new Set<Exclude<Cause, 'misuse'>>();

  constructor(options: ExitOptions) {
    this.#options = options;
  }

  notice(notice: JudgedNotice & Partial<SourceNotice>): void {
    const { effect: _effect, path: _path, ...shown } = notice;
    this.notices.push(shown);
    const cause = causeOfNotice(notice);
    if (cause !== undefined && cause !== 'misuse') this.#causes.add(cause);
  }

  abort(reason: string): void {
    if (this.aborted) return;
    this.#causes.add('aborted');
    this.notices.push({
      code: 'stopped',
      message: `${reason}: what had not been read by then was not scanned`,
      hint: 'scan again; keep the dumps where they are until then',
    });
  }

  get aborted(): boolean {
    return this.#causes.has('aborted');
  }

  /** `counts`: a finding that counts lies in the artifact. */
  artifact(
    report: Omit<ArtifactReport, 'verdict'>,
    counts: boolean,
  ): { verdict: Verdict /** Under --strict. */; complete: boolean } {
    const causes = causesOfArtifact({ ...report, counts });
    for (const cause of causes) if (cause !== 'misuse') this.#causes.add(cause);
    return {
      verdict: verdictOf(causes, this.#options),
      complete: isComplete(causes, { exitZero: false, strict: true }),
    };
  }

  unopened(): void {
    this.#causes.add('unread');
  }

  /** True if every byte was read and searched, as far as the options without --strict require. */
  get complete(): boolean {
    return isComplete(this.#causes, { exitZero: false, strict: false });
  }

  summary(): ReturnType<typeof outcomeOf> {
    return outcomeOf(this.#causes, this.#options);
  }
}

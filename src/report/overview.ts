import type { Limit } from '../core/limits/limit.js';
import { effectOfLimit } from '../core/limits/limit-effect.js';
import type { ArtifactReport, Finding, RunFacts, Summary } from '../core/model/report.js';
import { Tally } from '../core/model/tally.js';
import { ArtifactList } from './artifact-list.js';
import { HoldingFiles } from './holding-files.js';
import { grouped, plural } from './text.js';

/** Totals of a scan, summed up from its events: the last line of pretty, the first of markdown. */
export class Overview {
  readonly artifacts = new ArtifactList();
  readonly tally = new Tally();
  readonly holding = new HoldingFiles();
  run: RunFacts | undefined;
  summary: Summary | undefined;
  /** Bytes of all artifacts. */
  #bytes = 0;
  #read = 0;
  /** An artifact has an unread range of unknown length. */
  #endless = false;
  /** Searches that ended at a limit that was not accepted. */
  #limits = 0;
  /** Names of those without which the scan would be complete. */
  readonly #deciding = new Set<string>();

  artifact(event: ArtifactReport): void {
    const { size, read } = this.artifacts.add(event);
    this.#bytes += size;
    this.#read += read;
    this.#endless ||= event.coverage.file.unread.some(({ length }) => length === null);
    const limits = event.coverage.limits.filter(({ accepted }) => !accepted);
    this.#limits += limits.length;
    for (const limit of limits) if (this.#decides(limit)) this.#deciding.add(limit.search);
  }

  finding(event: Finding): void {
    this.tally.add(event);
    if (event.counts) this.holding.add(event);
  }

  /** What was found, by how many rules, in how many bytes, and what was not searched. Never "clean". */
  sentence(): string {
    const rules = this.run ? ` by ${plural(this.run.tool.rules.count, 'rule')}` : '';
    const of = `${this.#endless ? 'at least ' : ''}${plural(this.#bytes, 'byte')}`;
    const seconds = this.summary ? `, in ${this.summary.seconds.toFixed(1)} s` : '';
    const searched = `in ${grouped(this.#read)} of ${of}${this.#inFiles()}${seconds}`;
    return `${this.#found()}${rules} ${searched}${this.#atLimits('; ')}`;
  }

  /** Goes before the sentence if not everything was read. */
  trouble(): string | undefined {
    if (!this.summary) return 'ABORTED: the run ended before everything was read';
    return this.summary.complete ? undefined : `INCOMPLETE: ${this.#missed()}; keep the dump where it is`;
  }

  #missed(): string {
    const isRead = this.#read === this.#bytes && !this.#endless && this.#bytes > 0;
    return isRead && this.#limits > 0
      ? `every byte was read, but not all was searched${this.#atLimits(': ')}${this.#acceptance()}`
      : 'not everything was read and searched';
  }

  #atLimits(before: string): string {
    if (this.#limits === 0) return '';
    return `${before}${plural(this.#limits, 'search', 'searches')} ended at a limit`;
  }

  /** True if `--accept-limits` takes back what the limit does to the exit status. */
  #decides(limit: Limit): boolean {
    const effect = effectOfLimit(limit);
    return effect === 'likely' || (effect === 'note' && this.run?.options.strict === true);
  }

  #acceptance(): string {
    if (this.#deciding.size === 0) return '';
    return ` (to pass without: --accept-limits '${[...this.#deciding].sort().join(',')}')`;
  }

  #found(): string {
    const { counting } = this.tally;
    if (counting > 0) {
      const holding = this.artifacts.files === 1 ? '' : `, in ${this.filesHolding()}`;
      const fail = counting === 1 ? 'fails' : 'fail';
      return `${plural(counting, 'secret')} ${fail} the gate${holding}; searched`;
    }
    const others = this.tally.total();
    if (others === 0) return 'nothing found';
    const pass = `${plural(others, 'finding')} ${others === 1 ? 'passes' : 'pass'} it`;
    return `no secret fails the gate (${pass}), searched`;
  }

  /** Files as the user knows them: members and unpacked content are part of their file. */
  #inFiles(): string {
    return this.summary ? `, in ${plural(this.artifacts.files, 'file')}` : '';
  }

  /** `2 of 5 files`: those that hold a secret that fails the gate. */
  filesHolding(): string {
    const holding = new Set([...this.holding.artifacts].map((index) => this.artifacts.at(index)?.file));
    return `${grouped(holding.size)} of ${plural(this.artifacts.files, 'file')}`;
  }
}

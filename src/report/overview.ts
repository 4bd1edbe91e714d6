import type { ArtifactReport, RunFacts, Summary } from '../model/report.js';
import { Tally } from '../model/tally.js';
import { searchedBytes } from './answers.js';
import { grouped, plural } from './text.js';

/** Totals of a scan, summed up from its events: the last line of pretty, the first of markdown. */
export class Overview {
  readonly tally = new Tally();
  run: RunFacts | undefined;
  summary: Summary | undefined;
  /** Bytes of all artifacts. */
  #bytes = 0;
  #read = 0;
  /** An artifact has an unread range of unknown length. */
  #endless = false;

  artifact(event: ArtifactReport): void {
    const { size, read } = searchedBytes(event);
    this.#bytes += size;
    this.#read += read;
    this.#endless ||= event.coverage.file.unread.some(({ length }) => length === null);
  }

  /** What was found, by how many rules, in how many bytes. Never "clean". */
  sentence(): string {
    const rules = this.run ? ` by ${plural(this.run.tool.rules.count, 'rule')}` : '';
    const of = `${this.#endless ? 'at least ' : ''}${plural(this.#bytes, 'byte')}`;
    const files = this.summary ? `, in ${plural(this.summary.artifacts, 'file')}` : '';
    const seconds = this.summary ? `, in ${this.summary.seconds.toFixed(1)} s` : '';
    return `${this.#found()}${rules} in ${grouped(this.#read)} of ${of}${files}${seconds}`;
  }

  /** Goes before the sentence if not everything was read. */
  trouble(): string | undefined {
    if (!this.summary) return 'ABORTED: the run ended before everything was read';
    return this.summary.complete
      ? undefined
      : 'INCOMPLETE: not everything was read; keep the dump where it is';
  }

  #found(): string {
    const { counting } = this.tally;
    if (counting > 0)
      return `${plural(counting, 'finding')} that ${counting === 1 ? 'counts' : 'count'}, found`;
    const others = this.tally.total();
    return others === 0
      ? 'nothing found'
      : `no finding fails the gate (${plural(others, 'finding')} did not count)`;
  }
}

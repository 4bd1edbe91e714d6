import type { RunFacts, Summary } from '../model.js';
import type { Tally } from '../tally.js';
import { grouped, plural } from './text.js';

export interface Seen {
  run: RunFacts | undefined;
  summary: Summary | undefined;
  /** Bytes of all artifacts that ended, as far as they are known. */
  bytes: number;
  /** Bytes of them that were read. */
  read: number;
  /** Some artifact has bytes to an unknown end. */
  endless: boolean;
  tally: Tally;
}

function found({ tally }: Seen): string {
  if (tally.counting > 0)
    return `${plural(tally.counting, 'finding')} ${tally.counting === 1 ? 'counts' : 'count'}`;
  const others = tally.total();
  return others === 0
    ? 'nothing found'
    : `nothing that counts found (${plural(others, 'finding')} did not count)`;
}

function searched({ run, summary, bytes, read, endless }: Seen): string {
  const rules = run ? ` by ${plural(run.tool.rules.count, 'rule')}` : '';
  const of = `${endless ? 'at least ' : ''}${plural(bytes, 'byte')}`;
  const seconds = summary ? `, in ${summary.seconds.toFixed(1)} s` : '';
  const files = summary ? `, in ${plural(summary.artifacts, 'file')}` : '';
  return `${rules} in ${grouped(read)} of ${of}${files}${seconds}`;
}

/** One sentence: what was found, by how much looking. Never "clean". */
export function outcomeText(seen: Seen): string {
  return `${found(seen)}${searched(seen)}`;
}

/** What goes before the sentence when not everything was read. */
export function incompleteText({ summary }: Seen): string | undefined {
  if (!summary) return 'ABORTED: the run ended before everything was read';
  return summary.complete ? undefined : 'INCOMPLETE: not everything was read; keep the dump where it is';
}

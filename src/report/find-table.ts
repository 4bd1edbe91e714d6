import type { FindReport, FindResult, FindStatus } from '../core/model/report.js';
import { answerOf, list, namesOf, placesText, RANK } from './answers.js';
import type { ArtifactList } from './artifact-list.js';
import { plural } from './text.js';

/** The columns of {@link FindTable}. */
export const COLUMNS = ['File', 'What', 'Answer', 'Form', 'Coverage'] as const;

export interface FindRow {
  status: FindStatus;
  /** Cells in the order of {@link COLUMNS}; the first is a path. */
  cells: readonly [file: string, what: string, answer: string, form: string, coverage: string];
}

const ANSWERS: Readonly<Record<FindStatus, string>> = {
  present: 'PRESENT',
  'public-only': 'public half only',
  absent: 'absent',
};

/** The answer for a process that still runs, whose registers were not read. */
const FROM_MEMORY = 'absent from memory';

/** Targets named under one note. */
const NAMED = 4;

/** Caps on rows. */
interface Most {
  holding: number;
  absent: number;
  /** Files in which a target is absent, all of them searched, are counted, not listed. */
  countsAbsent?: boolean;
}

/**
 * The answers to `--find` as rows: one for each artifact that holds a target, one for each file that does
 * not. Present ones come first, then absences that are not certain.
 */
export class FindTable {
  readonly #most: Most;
  readonly #artifacts: ArtifactList;
  readonly #holding: FindRow[] = [];
  readonly #doubtful: FindRow[] = [];
  readonly #absent: FindRow[] = [];
  readonly #notes = new Map<string, string[]>();
  /** Rows beyond the caps, of artifacts that hold a target. */
  #moreHolding = 0;
  /** Numbers of further absences, complete and others. */
  readonly #moreAbsent = { complete: 0, incomplete: 0 };

  constructor(most: Most, artifacts: ArtifactList) {
    this.#most = most;
    this.#artifacts = artifacts;
  }

  find(event: FindReport): void {
    const name = namesOf(event);
    const { holding, absent, note } = answerOf(event, this.#artifacts);
    for (const result of holding) {
      if (this.#holding.length < this.#most.holding) this.#holding.push(this.#holdingRow(name, result));
      else this.#moreHolding++;
    }
    const certain = absent.filter(({ complete }) => complete).length;
    const isCounted = this.#most.countsAbsent === true && certain > 1;
    if (isCounted) this.#count(name, certain);
    for (const { path, complete, gaps, isProcess } of absent) {
      if (complete && isCounted) continue;
      const rows = complete ? this.#absent : this.#doubtful;
      if (rows.length < this.#most.absent)
        rows.push({
          status: 'absent',
          cells: [path, name, isProcess ? FROM_MEMORY : ANSWERS.absent, '', coverageText(complete, gaps)],
        });
      else this.#moreAbsent[complete ? 'complete' : 'incomplete']++;
    }
    if (holding.length + absent.length === 0)
      this.#doubtful.push({
        status: 'absent',
        cells: ['', name, 'no answer: nothing was searched', '', 'NOT complete'],
      });
    if (note !== undefined) this.#notes.set(note, [...(this.#notes.get(note) ?? []), name]);
  }

  rows(): FindRow[] {
    const sorted = this.#holding.sort((a, b) => RANK.indexOf(a.status) - RANK.indexOf(b.status));
    return [...sorted, ...this.#doubtful, ...this.#absent];
  }

  /** What the rows do not say: those left out, and limits of a search without the private half. */
  notes(): string[] {
    const { complete, incomplete } = this.#moreAbsent;
    return [
      ...(this.#moreHolding > 0 ? [`and ${plural(this.#moreHolding, 'further answer')} not absent`] : []),
      ...(incomplete > 0 ? [`and ${plural(incomplete, 'further answer')} absent, not complete`] : []),
      ...(complete > 0 ? [`and ${plural(complete, 'further answer')} absent, complete`] : []),
      ...[...this.#notes].map(([note, names]) => {
        const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
        return `${names.slice(0, NAMED).join(', ')}${more}: ${note}`;
      }),
    ];
  }

  /** One row for all files in which a target is absent for certain. */
  #count(name: string, files: number): void {
    if (this.#absent.length >= this.#most.absent) this.#moreAbsent.complete += files;
    else
      this.#absent.push({
        status: 'absent',
        cells: ['', name, `absent in ${plural(files, 'file')}`, '', coverageText(true, '')],
      });
  }

  #holdingRow(name: string, result: FindResult): FindRow {
    const { artifact, status, forms, complete } = result;
    const known = this.#artifacts.at(artifact);
    const form = `${list(forms)}; ${placesText(result)}`;
    const file = this.#artifacts.pathOf(artifact);
    const coverage = coverageText(complete, known?.gaps ?? '');
    return { status, cells: [file, name, ANSWERS[status] ?? status, form, coverage] };
  }
}

const coverageText = (complete: boolean, gaps: string): string =>
  complete ? 'complete' : `NOT complete${gaps === '' ? '' : `: ${gaps}`}`;

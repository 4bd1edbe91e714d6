import type { View } from '../../formats/memory/types.js';
import type { Budget } from '../../model/effort.js';
import type { Limit } from '../../model/report.js';
import type { RuleSet } from '../../rules/types.js';
import type { Detected } from '../core/types.js';

/** Places of values, ascending by offset; ids as in values/value-run.ts. */
export interface ValuePlaces {
  offsets: ArrayLike<number>;
  ids: ArrayLike<number>;
}

/** Makes candidates of named values of one artifact. */
export class ValueExaminer {
  /** View of the artifact for the next values. */
  view: View;

  constructor(_rules: RuleSet, view: View, _options: { budget?: Budget } = {}) {
    this.view = view;
  }

  *push(_values: ValuePlaces): Iterable<Detected> {}

  *finish(): Iterable<Detected> {}

  limits(): Limit[] {
    return [];
  }
}

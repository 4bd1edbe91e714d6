import type { Notice } from '../../../src/index.js';
import type { WorkNotice } from './options.js';

/** Notices of one code that are reported one by one; and of all codes. */
const OF_A_CODE = 100;
const IN_ALL = 1_000;

/**
 * Reports what goes wrong, and never without end: a loop of failures must not fill a disk. The number of
 * those that were left out is reported once, at the end.
 */
export class Notices {
  readonly #report: (notice: WorkNotice) => void;
  readonly #reported = new Map<string, number>();
  #all = 0;
  #leftOut = 0;

  constructor(report: (notice: WorkNotice) => void = () => {}) {
    this.#report = report;
  }

  add({ code, message, hint }: Notice, dump?: string): void {
    const reported = this.#reported.get(code) ?? 0;
    if (reported >= OF_A_CODE || this.#all >= IN_ALL) {
      this.#leftOut++;
      return;
    }
    this.#reported.set(code, reported + 1);
    this.#all++;
    this.#report({
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(dump === undefined ? {} : { dump }),
    });
  }

  end(): void {
    if (this.#leftOut === 0) return;
    const message = `${this.#leftOut} further notices were left out`;
    this.#report({ code: 'notices-left-out', message, hint: 'dumpsieve hunt status lists what failed' });
    this.#leftOut = 0;
  }
}

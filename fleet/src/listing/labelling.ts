import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { escapeText } from '../../../src/core/base/text/escape.js';
import type { ListedDump } from '../model/dump.js';
import { type Label, labelled } from './label.js';
import { shownPath } from './uri.js';

/** Labels of a listing, and which of them have matched. */
export class Labelling {
  readonly #labels: readonly Label[];
  readonly #notice: (notice: Warning) => void;
  readonly #matched = new Set<Label>();
  #dumps = 0;

  constructor(labels: readonly Label[], notice: (notice: Warning) => void) {
    this.#labels = labels;
    this.#notice = notice;
  }

  /** The dump with what its path or key says. */
  labelled(dump: ListedDump): ListedDump {
    this.#dumps++;
    if (this.#labels.length === 0) return dump;
    const path = shownPath(dump.uri);
    const { host, dumpedAt, matched, noTime } = labelled(this.#labels, path);
    for (const label of matched) this.#matched.add(label);
    if (noTime !== undefined)
      this.#notice({
        code: 'label-no-time',
        effect: 'note',
        message: `${path}: ${escapeText(noTime)} is no time`,
        hint: 'ISO 8601, YYYYMMDD-HHMMSS, or seconds or milliseconds since 1970',
      });
    return {
      ...dump,
      ...(host === undefined ? {} : { host: escapeText(host) }),
      ...(dumpedAt === undefined ? {} : { dumpedAt }),
    };
  }

  /** Reports labels that have matched none of the dumps. */
  end(): void {
    for (const label of this.#labels)
      if (this.#dumps > 0 && !this.#matched.has(label))
        this.#notice({
          code: 'label-unused',
          effect: 'note',
          message: `--label ${label.name}=${escapeText(label.pattern)} matches none of ${this.#dumps} names`,
          hint: 'without a leading slash a pattern begins at any folder, and it ends with the whole name',
        });
  }
}

import type { Notice } from '../core/base/runtime/errors.js';
import type { ArtifactReport } from '../core/model/report.js';
import { limitParts } from './limits.js';
import type { TextRow } from './paper.js';
import { hex } from './pretty-place.js';
import { plural, unbroken } from './text.js';

/** Rows that are written; further ones are counted. */
const ROWS = { usual: 100, verbose: 200 };
/** Further files that are named beside the first one of a row. */
const NAMED = 4;
/** Hint for memory that the headers describe and the file lacks. */
const CUT_DUMP_HINT =
  'the dump was truncated, by a full disk or a size limit: get a complete one (--strict exits 2)';

/** What many files have in common, said of the first. */
interface Group extends TextRow {
  hint?: string | undefined;
  path: string;
  /** Further ones alike, and the files they are in. */
  more: number;
  files: number;
  named: string[];
  last: string;
}

interface Trouble {
  label: string;
  path?: string;
  text: string;
  hint?: string | undefined;
  /** Each is written: a range that was not read. */
  single?: boolean;
}

/** Warnings, unread ranges, missing memory and limits. Those that differ only in numbers are one row. */
export class Troubles {
  readonly #groups = new Map<string, Group>();
  readonly #verbose: boolean;
  /** Beyond the rows. */
  more = 0;

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  artifact({ path, coverage, warnings }: ArtifactReport): void {
    for (const warning of warnings) this.warning(warning, path);
    for (const { offset, length, reason } of coverage.file.unread)
      this.#add({ label: 'not read', path, text: `${extentText(offset, length)}: ${reason}`, single: true });
    const missing = coverage.memory?.missing ?? [];
    // Damage in a container has a warning with a hint of its own.
    const hint = coverage.file.unread.length === 0 ? CUT_DUMP_HINT : undefined;
    for (const text of missingMemoryLines(missing)) this.#add({ label: 'missing', path, text, hint });
    for (const limit of coverage.limits) {
      const { text, remedy } = limitParts(limit);
      const place = extentText(limit.offset, limit.length);
      this.#add({ label: 'limit', path, text: `${place}: ${text}`, hint: remedy });
    }
  }

  warning({ code, message, hint, offset, length }: Notice, path?: string): void {
    const place = offset === undefined ? '' : `${extentText(offset, length)}: `;
    this.#add({
      label: 'warning',
      ...(path === undefined ? {} : { path }),
      text: `${place}${message} [${code}]`,
      hint,
    });
  }

  rows(): TextRow[] {
    const groups = [...this.#groups.values()];
    return groups.flatMap((group, i) => {
      const { label, path, text, hint, more } = group;
      // Limits of one file share a remedy, and missing memory a hint: it is said of the last.
      const isSaidBelow = groups[i + 1]?.label === label && groups[i + 1]?.hint === hint;
      const list = furtherFiles(group);
      return [
        { label, text: `${path === '' ? '' : `${unbroken(path)}: `}${text}` },
        ...(more === 0
          ? []
          : [{ label: '', text: `and ${more} like it${list === '' ? '' : `, also in ${list}`}` }]),
        ...(hint === undefined || isSaidBelow ? [] : [{ label: '', text: `hint: ${hint}` }]),
      ];
    });
  }

  #add({ label, path = '', text, hint, single = false }: Trouble): void {
    const alike = this.#verbose || single ? [path, text] : [path === '' ? text : text.replace(NUMBERS, '#')];
    const key = JSON.stringify([label, ...alike]);
    const group = this.#groups.get(key);
    if (group === undefined) {
      const most = this.#verbose ? ROWS.verbose : ROWS.usual;
      if (this.#groups.size >= most) this.more++;
      else this.#groups.set(key, { label, path, text, hint, more: 0, files: 0, named: [], last: path });
      return;
    }
    group.more++;
    // The events of one file follow each other.
    if (path === group.last) return;
    group.last = path;
    group.files++;
    if (group.named.length < NAMED) group.named.push(path);
  }
}

/** The files of a group beside the first; empty if there are none. */
function furtherFiles({ files, named }: Group): string {
  const further = files - named.length;
  const more = further > 0 ? ` and ${plural(further, 'more file', 'more files')}` : '';
  return `${named.map(unbroken).join(', ')}${more}`;
}

/** Counts, offsets and addresses. */
const NUMBERS = /0x[0-9a-f]+|\d[\d,]*/g;

function extentText(offset: number, length: number | null | undefined): string {
  if (length === null) return `from offset ${hex(offset)} to an unknown end`;
  return length === undefined
    ? `offset ${hex(offset)}`
    : `${plural(length, 'byte')} at offset ${hex(offset)}`;
}

/** Ranges of one reason that are written out if there are more. */
const SHOWN = 2;

type Missing = NonNullable<ArtifactReport['coverage']['memory']>['missing'][number];

/**
 * Lines about memory that a dump describes but does not contain. A truncated core can lack hundreds of
 * mappings for one reason: the first two are listed, the others summed up.
 */
export function* missingMemoryLines(missing: readonly Missing[]): Generator<string> {
  const byReason = new Map<string, Missing[]>();
  for (const each of missing) {
    const known = byReason.get(each.reason);
    if (known) known.push(each);
    else byReason.set(each.reason, [each]);
  }
  for (const [reason, all] of byReason) {
    const shown = all.length > SHOWN + 1 ? all.slice(0, SHOWN) : all;
    for (const { address, length } of shown)
      yield `${plural(length, 'byte')} of memory at ${address}: ${reason}`;
    const more = all.slice(shown.length);
    const bytes = more.reduce((sum, { length }) => sum + length, 0);
    if (more.length > 0)
      yield `${plural(bytes, 'byte')} of memory in ${more.length} further ranges: ${reason}`;
  }
}

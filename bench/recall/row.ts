/** The rows of the recall ledger and their text: tab-separated, sorted, one line a row. */

export interface Row {
  program: string;
  library: string;
  /** Which of a program's dumps, if it has more than one: `worker`, `HPROF`. */
  dump: string;
  /** Name of a key or a token in the program; empty if the program was not run. */
  key: string;
  /**
   * Encoding in memory, as the byte search names it, or {@link ANY_FORM}; the reason if the program was not
   * run.
   */
  form: string;
  /** Places that the report covers. */
  found: number;
  /** Places that the byte search has. */
  places: number;
  proven: boolean;
  /**
   * The search or the form that found the key as a whole (bench/recall/found-by.ts); empty in other rows. Not
   * compared.
   */
  by: string;
  /** Two runs of one build differed; the row is the worse one. */
  flaky: boolean;
  /** Duration of the dump's scan; not compared. */
  seconds: number;
}

/** The row of a key as a whole: one place, found if a finding has the key's public half. */
export const ANY_FORM = 'any';

/** The key's name in the only row of a program whose dumps hold no key. */
const NO_KEY = '(none there)';

export function noKey(program: string, library: string): Row {
  const nothing = { found: 0, places: 0, proven: false, by: '', flaky: false, seconds: 0 };
  return { program, library, dump: '', key: NO_KEY, form: ANY_FORM, ...nothing };
}

/** The only row of a program that was not run. */
export function notRun(program: string, library: string, reason: string): Row {
  const form = `not run: ${reason.trim().replace(/\s+/g, ' ').slice(0, 200)}`;
  const nothing = { found: 0, places: 0, proven: false, by: '', flaky: false, seconds: 0 };
  return { program, library, dump: '', key: '', form, ...nothing };
}

export const wasRun = ({ key }: Row): boolean => key !== '';

/** `nginx, worker`. */
export const titleOf = ({ program, dump }: Row): string => (dump === '' ? program : `${program}, ${dump}`);

/** Unique within a ledger. */
export const idOf = (row: Row): string =>
  [row.program, row.dump, row.key, wasRun(row) ? row.form : ''].join('\t');

const HEADER = ['program', 'library', 'dump', 'key', 'form', 'found', 'proven', 'by', 'flaky', 'seconds'];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function formatLedger(rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => compare(idOf(a), idOf(b)));
  const lines = sorted.map((row) =>
    [
      ...[row.program, row.library, row.dump, row.key, row.form, `${row.found}/${row.places}`],
      ...[row.proven ? 'proven' : '', row.by, row.flaky ? 'flaky' : '', row.seconds.toFixed(1)],
    ].join('\t'),
  );
  return `${[HEADER.join('\t'), ...lines].join('\n')}\n`;
}

export function parseLedger(text: string): Row[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  if (header !== HEADER.join('\t')) throw new Error('the ledger has other columns');
  return lines.map((line) => {
    const cells = line.split('\t');
    if (cells.length !== HEADER.length) throw new Error(`the ledger has a line of ${cells.length} cells`);
    const [program, library, dump, key, form, places, proven, by, flaky, seconds] = cells as [
      string,
      ...string[],
    ];
    const [found, all] = places!.split('/').map(Number);
    return {
      program,
      library: library!,
      dump: dump!,
      key: key!,
      form: form!,
      found: found!,
      places: all!,
      proven: proven === 'proven',
      by: by!,
      flaky: flaky === 'flaky',
      seconds: Number(seconds),
    };
  });
}

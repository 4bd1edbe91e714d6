import type { DumpedRuntime, Form, LinkedLibrary, Measure } from './measures.js';

/** What is known of a finding's places. A row applies if it has a word of each list, or no such list. */
export interface Circumstances {
  runtimes: ReadonlySet<DumpedRuntime>;
  libraries: ReadonlySet<LinkedLibrary>;
  /** Kinds of memory. */
  regions: ReadonlySet<string>;
  forms: ReadonlySet<Form>;
}

const ORDER: readonly Measure['works'][] = ['yes', 'partly', 'no'];

/** The rows that apply, those that work first; of these the ones that know most about the place. */
export function applicable(all: readonly Measure[], known: Circumstances): Measure[] {
  const rows = all.filter(
    ({ runtime, library, region, form }) =>
      meets(runtime, known.runtimes) &&
      meets(library, known.libraries) &&
      meets(region, known.regions) &&
      meets(form, known.forms),
  );
  return rows.sort(
    (a, b) => ORDER.indexOf(a.works) - ORDER.indexOf(b.works) || conditions(b) - conditions(a),
  );
}

const meets = (words: readonly string[] | undefined, known: ReadonlySet<string>): boolean =>
  words === undefined || words.some((word) => known.has(word));

/** How much each condition says: the form of a copy decides more than where it lies. */
const WEIGHTS = { form: 3, library: 2, runtime: 1, region: 1 } as const;

const conditions = (row: Measure): number =>
  Object.entries(WEIGHTS).reduce(
    (sum, [name, weight]) => sum + (row[name as keyof typeof WEIGHTS] === undefined ? 0 : weight),
    0,
  );

import { ANY_FORM, idOf, type Row, wasRun } from './row.js';

/** A row of the last ledger beside the same row of this run. */
export interface Change {
  before: Row | undefined;
  now: Row | undefined;
}

export interface Comparison {
  /** Found or proven before, and less so now. */
  lost: Change[];
  /** New rows, and rows found or proven that were not. */
  gained: Change[];
  /** Forms that this run's dumps do not contain: chance, or another release of the program. */
  absent: Row[];
  notRun: Row[];
}

/**
 * None, some or all places of a form found. The number of places varies from run to run; the level is
 * compared.
 */
function level({ found, places }: Row): number {
  if (found === 0) return 0;
  return found < places ? 1 : 2;
}

/** True if `a` has less than `b`. */
const isWorse = (a: Row, b: Row): boolean => level(a) < level(b) || (!a.proven && b.proven);

const byId = (rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [idOf(row), row]));

/** Adds up the places of dumps of the same name (a server's sessions); proven if proven in each. */
export function joinDumps(rows: readonly Row[]): Row[] {
  const joined = new Map<string, Row>();
  for (const row of rows) {
    const known = joined.get(idOf(row));
    const both = known && {
      ...row,
      found: known.found + row.found,
      places: known.places + row.places,
      proven: known.proven && row.proven,
    };
    joined.set(idOf(row), both ?? row);
  }
  return [...joined.values()];
}

/** The worst of each row over some runs; flaky if they differ or a run lacks the row. */
export function worstOf(runs: readonly (readonly Row[])[]): Row[] {
  const maps = runs.map(byId);
  const ids = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...ids].map((id) => {
    const rows = maps.flatMap((map) => map.get(id) ?? []);
    const worst = rows.reduce((a, b) => (isWorse(b, a) ? b : a));
    const differs = rows.some((row) => level(row) !== level(worst) || row.proven !== worst.proven);
    return { ...worst, flaky: differs || rows.length < runs.length };
  });
}

/** The best of each row over some runs. */
export function bestOf(runs: readonly (readonly Row[])[]): Row[] {
  const best = new Map<string, Row>();
  for (const row of runs.flat()) {
    const known = best.get(idOf(row));
    if (known === undefined || isWorse(known, row)) best.set(idOf(row), row);
  }
  return [...best.values()];
}

/** Programs without a row in `now` were left out of the run and are not compared. */
export function compareLedgers(last: readonly Row[], now: readonly Row[]): Comparison {
  const notRun = now.filter((row) => !wasRun(row));
  const started = new Set(now.filter(wasRun).map(({ program }) => program));
  const [before, after] = [last, now].map((rows) => byId(rows.filter(wasRun)));
  const result: Comparison = { lost: [], gained: [], absent: [], notRun };
  for (const [id, row] of before!) {
    if (!started.has(row.program)) continue;
    const other = after!.get(id);
    if (other !== undefined) {
      if (isWorse(other, row)) result.lost.push({ before: row, now: other });
      // A flaky row records its worst run: a better one is no gain.
      else if (isWorse(row, other) && !row.flaky) result.gained.push({ before: row, now: other });
    } else if (row.form === ANY_FORM && row.found > 0 && !row.flaky)
      result.lost.push({ before: row, now: undefined });
    else result.absent.push(row);
  }
  for (const [id, row] of after!) if (!before!.has(id)) result.gained.push({ before: undefined, now: row });
  return result;
}

/** The next ledger: a program that was run gets its new rows, any other keeps its old ones. */
export function nextLedger(last: readonly Row[], now: readonly Row[]): Row[] {
  const started = new Set(now.filter(wasRun).map(({ program }) => program));
  const kept = last.filter(({ program }) => !started.has(program));
  const known = new Set(kept.filter(wasRun).map(({ program }) => program));
  const fresh = now.filter((row) => wasRun(row) || !known.has(row.program));
  const replaced = new Set(fresh.map(({ program }) => program));
  return [...kept.filter(({ program }) => !replaced.has(program)), ...fresh];
}

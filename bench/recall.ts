/**
 * The recall ledger: starts the programs of the end-to-end tests, scans their dumps, and compares what was
 * found and proven with the committed ledger. See bench/recall/README.md.
 *
 *   node dist/bench/recall.js [--only TEXT[,TEXT]] [--write] [--list]
 *
 * Ends with status 1 if a row was lost, a program failed, or fewer than {@link LEAST_PROGRAMS} programs were
 * run on a machine that has all requirements.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { asset } from '../src/core/base/runtime/assets.js';
import { removeCompiled } from '../test/e2e/bare/program.js';
import { bestOf, type Change, compareLedgers, nextLedger, worstOf } from './recall/compare.js';
import type { Entry } from './recall/program.js';
import { entries } from './recall/programs.js';
import { formatLedger, parseLedger, type Row, titleOf, wasRun } from './recall/row.js';
import { type Run, runEntry } from './recall/run.js';
import { markdown } from './recall/table.js';

const LEAST_PROGRAMS = 40;
/** Runs of each program for a new ledger: rows that differ are flaky. */
const RUNS_TO_WRITE = 2;
/** Runs of a program that lost a row, of which the best counts. */
const RUNS_TO_LOSE = 3;

const LEDGER = asset('bench/recall/ledger.tsv');
const TABLE = asset('bench/recall/ledger.md');

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const last = existsSync(LEDGER) ? parseLedger(readFileSync(LEDGER, 'utf8')) : [];

/** Joins runs of one program; a failed one counts for all of them. */
function joined(runs: readonly Run[], join: (runs: readonly Row[][]) => Row[]): Run {
  return (
    runs.find(({ state }) => state !== 'run') ?? { state: 'run', rows: join(runs.map(({ rows }) => rows)) }
  );
}

async function runToWrite(entry: Entry): Promise<Run> {
  const runs: Run[] = [];
  for (let i = 0; i < RUNS_TO_WRITE && runs.every(({ state }) => state === 'run'); i++)
    runs.push(await runEntry(entry));
  return joined(runs, worstOf);
}

async function runToCompare(entry: Entry): Promise<Run> {
  let best = await runEntry(entry);
  for (let i = 1; i < RUNS_TO_LOSE && compareLedgers(last, best.rows).lost.length > 0; i++)
    best = joined([best, await runEntry(entry)], bestOf);
  return best;
}

/** `2/2 proven`. */
function cell(row: Row | undefined): string {
  return row === undefined ? 'nothing' : `${row.found}/${row.places}${row.proven ? ' proven' : ''}`;
}

function print(title: string, changes: readonly Change[]): void {
  if (changes.length > 0) console.log(`\n${title}: ${changes.length}`);
  for (const { before, now } of changes) {
    const row = (before ?? now)!;
    console.log(`  ${titleOf(row)}: ${row.key}, ${row.form}: ${cell(before)} -> ${cell(now)}`);
  }
}

/** Keys by what found each of them: a search, or the form of a whole key. A key counts once a program. */
function printFinders(rows: readonly Row[]): void {
  const keys = new Map<string, Set<string>>();
  for (const { program, key, by } of rows.filter((row) => row.by !== '')) {
    const own = keys.get(by) ?? new Set();
    keys.set(by, own.add(`${program}\t${key}`));
  }
  const counts = [...keys].map(([by, { size }]) => [by, size] as const).sort(([, a], [, b]) => b - a);
  console.log(`\nkeys by what found them: ${counts.map(([by, count]) => `${by} ${count}`).join(', ')}`);
}

async function main(): Promise<void> {
  const words = values.only.split(',');
  const chosen = entries.filter(({ name }) => words.some((word) => name.includes(word)));
  if (values.list) {
    for (const { name, library, needs } of chosen) console.log(`${name}\t${library}\t${needs.join(', ')}`);
    return;
  }
  const states = { run: 0, missing: 0, failed: 0 };
  const now: Row[] = [];
  for (const [i, entry] of chosen.entries()) {
    const start = performance.now();
    const run = values.write ? await runToWrite(entry) : await runToCompare(entry);
    states[run.state]++;
    now.push(...run.rows);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const note = run.state === 'run' ? `${run.rows.length} rows` : run.rows[0]!.form;
    console.log(`${i + 1}/${chosen.length} ${entry.name}: ${note}, ${seconds} s`);
  }
  const { lost, gained, absent, notRun } = compareLedgers(last, now);
  print('lost', lost);
  print('gained', gained);
  print(
    "not in this run's dumps",
    absent.map((before) => ({ before, now: undefined })),
  );
  printFinders(now);
  for (const { program, form } of notRun) console.log(`${program}: ${form}`);
  console.log(`\n${states.run} programs run, ${states.missing} lack a requirement, ${states.failed} failed`);
  if (values.write) {
    const next = nextLedger(last, now);
    writeFileSync(LEDGER, formatLedger(next));
    writeFileSync(TABLE, markdown(next));
  }
  const tooFew = values.only === '' && states.missing === 0 && states.run < LEAST_PROGRAMS;
  if (tooFew) console.log(`fewer than ${LEAST_PROGRAMS} programs were started`);
  const isLoss = lost.length > 0 && !values.write;
  if (isLoss || states.failed > 0 || tooFew || !now.some(wasRun)) process.exitCode = 1;
}

try {
  await main();
} finally {
  removeCompiled();
}

import { ANY_FORM, type Row, titleOf, wasRun } from './row.js';

/** `2 of 3`, or `3` for all. */
function share(part: number, all: number): string {
  return part === all ? String(all) : `${part} of ${all}`;
}

function programRow(program: string, rows: readonly Row[]): string {
  const [first] = rows;
  const library = first!.library;
  if (!wasRun(first!)) return `| ${program} | ${library} | ${first!.form} | | | | |`;
  const keys = rows.filter(({ form, places }) => form === ANY_FORM && places > 0);
  const forms = rows.filter(({ form }) => form !== ANY_FORM);
  const proven = keys.filter(({ found, proven }) => found > 0 && proven).length;
  const sum = (of: 'found' | 'places') => forms.reduce((total, row) => total + row[of], 0);
  const names = [...new Set(forms.map(({ form }) => form))].sort().join('; ');
  const by = [...new Set(keys.map((row) => row.by).filter((each) => each !== ''))].sort().join('; ');
  const seconds = Math.max(...rows.map((row) => row.seconds)).toFixed(1);
  const cells = [library, share(proven, keys.length), share(sum('found'), sum('places')), names, by, seconds];
  return `| ${program} | ${cells.join(' | ')} |`;
}

/** Rows with places not found, and flaky ones. */
function shortcomings(rows: readonly Row[]): string[] {
  const short = rows.filter((row) => wasRun(row) && (row.found < row.places || row.flaky));
  return short.map((row) => {
    const { key, form, found, places, flaky } = row;
    return `| ${titleOf(row)} | ${key} | ${form} | ${found} of ${places} | ${flaky ? 'flaky' : ''} |`;
  });
}

const groupBy = (rows: readonly Row[], of: (row: Row) => string): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(of(row), [...(groups.get(of(row)) ?? []), row]);
  return groups;
};

export function markdown(rows: readonly Row[]): string {
  const programs = groupBy(rows, titleOf);
  const names = [...programs.keys()].sort();
  const started = new Set(rows.filter(wasRun).map(({ program }) => program)).size;
  const keys = rows.filter(({ form, places }) => form === ANY_FORM && places > 0);
  const proven = keys.filter((row) => row.proven).length;
  return `# Recall ledger

Written by \`node dist/bench/recall.js --write\` from [ledger.tsv](ledger.tsv); see [README.md](README.md).

${started} programs, ${keys.length} keys in their dumps, ${proven} proven.

| program | library | keys proven | places found | forms | found by | seconds |
|---|---|---|---|---|---|---|
${names.map((name) => programRow(name, programs.get(name)!)).join('\n')}

## Not found, or not in each run

| program | key | form | found | |
|---|---|---|---|---|
${shortcomings(rows).sort().join('\n')}
`;
}

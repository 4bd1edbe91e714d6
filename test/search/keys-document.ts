import { readFileSync, writeFileSync } from 'node:fs';
import { asset } from '../../src/core/base/runtime/assets.js';
import { OTHER_LIMITS, type OtherLimitRow } from '../../src/core/limits/other-limits.js';
import { PRICED, PRICES, YIELDS } from '../../src/core/limits/prices.js';
import { SEARCHES, type SearchId } from '../../src/core/limits/searches.js';
import { SHARED_LIMITS } from '../../src/core/limits/shared-limits.js';
import { EVIDENCE, isProof } from '../../src/prove/evidence.js';
import { FOREIGN, NEVER_FOREIGN, OUTSIDE } from '../../src/search/core/foreign.js';

/**
 * The tables of docs/keys.md and docs/searches.md that come from the tables of searches, limits and evidence.
 * To refresh them:
 *
 *     npx tsc -p . && node dist/test/search/keys-document.js --write
 */

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

const code = (text: string) => `\`${text}\``;

const priceOf = (id: SearchId): string =>
  PRICES[id]?.map((price) => (price === 0 ? '0' : String(price))).join(', ') ?? '–';

function searches(): string {
  return table(
    ['search', 'key', 'found by', 'works on', 'found in a dump of', `s/GB: ${PRICED.join(', ')}`, 'keys'],
    SEARCHES.map(({ id, algorithm, finds, by, needs, evidence }) => [
      `[${id}](../src/search/${algorithm})`,
      finds,
      by,
      needs.join(', '),
      evidence,
      priceOf(id),
      String(YIELDS[id] ?? '–'),
    ]),
  );
}

function limits(): string {
  const budgets = new Map<string, string[]>();
  for (const { id, limits } of SEARCHES)
    for (const [name, [budget]] of Object.entries(limits))
      budgets.set(name, [...(budgets.get(name) ?? []), `${id}: ${budget}`]);
  for (const [name, [budget]] of Object.entries(SHARED_LIMITS)) budgets.set(name, [budget]);
  return table(
    ['`coverage.limits`', 'search and budget'],
    [...budgets].map(([name, texts]) => [code(name), texts.join('; ')]),
  );
}

function others(): string {
  return table(
    ['`coverage.limits`', 'budget', '`--effort deep`', 'what could be missed'],
    Object.entries<OtherLimitRow>(OTHER_LIMITS).map(([name, [budget, bound, { hides }]]) => [
      code(name),
      budget,
      bound === 'memory' ? 'the same' : 'no limit',
      hides,
    ]),
  );
}

function evidence(): string {
  return table(
    ['from', 'evidence', 'keys', 'proves'],
    Object.values(EVIDENCE).map(({ from, evidence, keys }) => [
      WHERE[from],
      evidence,
      keys,
      isProof([{ from }]) ? 'yes' : 'no',
    ]),
  );
}

const WHERE = {
  form: 'the form itself',
  dump: 'the dump',
  beside: 'beside the dump',
  computed: 'the tool',
} as const;

function foreign(): string {
  return table(
    ['a public key is', 'if'],
    [
      ...Object.entries(FOREIGN).map(([reason, [says]]) => [`foreign (${reason})`, says]),
      ...[...Object.values(NEVER_FOREIGN).map(([says]) => says), OUTSIDE].map((says) => [
        'never foreign',
        says,
      ]),
    ],
  );
}

interface Part {
  /** The file of the table that it shows. */
  readonly of: string;
  readonly write: () => string;
}

const OF_SEARCHES: Record<string, Part> = {
  foreign: { of: 'src/search/core/foreign.ts', write: foreign },
  searches: { of: 'src/core/limits/searches.ts', write: searches },
  limits: { of: 'src/core/limits/searches.ts', write: limits },
  'other limits': { of: 'src/core/limits/other-limits.ts', write: others },
};

/** The documents, and what they show between marks. */
export const DOCUMENTS: Readonly<Record<string, Record<string, Part>>> = {
  'docs/keys.md': { evidence: { of: 'src/prove/evidence.ts', write: evidence } },
  'docs/searches.md': OF_SEARCHES,
};

/** A document of this checkout. */
export const written = (document: string): string => readFileSync(asset(document), 'utf8');

/** The document with fresh tables between their marks. */
export function refreshed(document: string): string {
  return Object.entries(DOCUMENTS[document]!).reduce((text, [name, { of, write }]) => {
    const [start, end] = [`<!-- ${name}: from ${of} -->\n`, `\n<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
    if (from < start.length || to < from) throw new Error(`${document} has no marks for ${name}`);
    return text.slice(0, from) + write() + text.slice(to);
  }, written(document));
}

if (process.argv.includes('--write'))
  for (const document of Object.keys(DOCUMENTS)) writeFileSync(asset(document), refreshed(document));

import type { SearchId } from '../../src/core/limits/searches.js';

/** The least price that is listed, in seconds a GB. */
const LEAST = 0.01;

/** Two significant digits. */
const rounded = (price: number): number => (price < LEAST ? 0 : Number(price.toPrecision(2)));

function table(name: string, rows: readonly (readonly [string, string])[]): RegExpReplacement {
  const body = rows.map(([id, value]) => `\n  '${id}': ${value},`).join('');
  return { pattern: new RegExp(`(export const ${name}: [^{]+= )\\{[^}]*\\};`), text: `$1{${body}\n};` };
}

interface RegExpReplacement {
  pattern: RegExp;
  text: string;
}

/** The text of src/core/limits/prices.ts with other figures. */
export function pricesModule(
  module: string,
  prices: ReadonlyMap<SearchId, readonly number[]>,
  yields: Partial<Record<SearchId, number>>,
): string {
  const listed = [...prices].filter(([, all]) => all.some((price) => price >= LEAST));
  const tables = [
    table(
      'PRICES',
      listed.map(([id, all]) => [id, `[${all.map(rounded).join(', ')}]`]),
    ),
    table(
      'YIELDS',
      Object.entries(yields).map(([id, count]) => [id, String(count)]),
    ),
  ];
  return tables.reduce((text, { pattern, text: replacement }) => text.replace(pattern, replacement), module);
}

import type { QueryFilter } from '../model/answers.js';
import { time } from './columns.js';
import type { Driver } from './driver.js';

/** Conditions of questions: on the dump `o`, on its content, and on the secret `k`. */

/** Values of placeholders, in their order. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/** When a dump was written. Copies share what the dump itself says. */
export const WRITTEN_AT = `coalesce(o.at,
  (select max(w.dumped_at) from scan w where w.sha256 = o.sha256), o.mtime)`;

/** Names where one star is any text: those of hosts and rules have no slash. */
const likePattern = (glob: string): string =>
  glob
    .replace(/[%_\\]/g, '\\$&')
    .replace(/\*+/g, '%')
    .replaceAll('?', '_');

const isLike = (column: string, glob: string, values: Values): string =>
  `${column} like ${values.add(likePattern(glob))} escape '\\'`;

export const hostIs = (glob: string, values: Values): string => isLike('o.host', glob, values);

/** A glob of paths and URIs. Its LIKE pattern matches too much: a star there passes slashes. */
function pathGlob(glob: string): { like: string; exact: RegExp } {
  const whole = glob.includes('://') ? glob : glob.startsWith('/') ? `file://*${glob}` : `**/${glob}`;
  const source = whole.replace(/\*\*\/?|\*|\?|[\\^$.+()[\]{}|]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  // A path before the stars may be empty.
  const like = likePattern(whole.replaceAll('**/', '**'));
  return { like, exact: new RegExp(`^${source}$`, 'su') };
}

/** Ids of dumps whose URI one of the globs matches. */
export async function matchingDumps(driver: Driver, globs: readonly string[]): Promise<number[]> {
  const ids = new Set<number>();
  for (const { like, exact } of globs.map(pathGlob)) {
    const rows = await driver.all<{ id: number; uri: string }>(
      "select id, uri from object where uri like $1 escape '\\' order by id",
      [like],
    );
    for (const { id, uri } of rows) if (exact.test(uri)) ids.add(id);
  }
  return [...ids];
}

/**
 * Condition on the dump `o`: listed, and selected by the filter. A dump of an unknown time may have been
 * written since; one of an unknown host is of none.
 */
export async function dumpCondition(driver: Driver, filter: QueryFilter, values: Values): Promise<string> {
  const parts = ['o.gone_at is null'];
  if (filter.since !== undefined)
    parts.push(`coalesce(${WRITTEN_AT} >= ${values.add(time(filter.since))}, true)`);
  if (filter.host !== undefined) parts.push(hostIs(filter.host, values));
  if (filter.file !== undefined) {
    const ids = JSON.stringify(await matchingDumps(driver, [filter.file]));
    parts.push(`o.id in ${driver.dialect.integers(values.add(ids))}`);
  }
  return parts.join(' and ');
}

/** Condition on the secret `k`. */
export const ruleCondition = ({ rule }: QueryFilter, values: Values): string =>
  rule === undefined ? '' : ` and ${isLike('k.rule', rule, values)}`;

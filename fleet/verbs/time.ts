import { DumpsieveError } from '../../src/core/base/runtime/errors.js';

/** A time back: `30d`, `12h`. */
const BACK = /^(\d{1,5})\s*(m|h|d|w)(?:in(?:ute)?s?|ours?|ays?|eeks?)?$/i;
const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, w: 604_800 };
/** ISO 8601: a day (UTC), or a time with its zone. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** The time of a flag as ISO 8601 in UTC. Throws `wrong-date` (exit 3) for another text. */
export function timeOf(flag: 'since' | 'before', text: string, now = new Date()): string {
  const [, count, unit = ''] = BACK.exec(text.trim()) ?? [];
  const time =
    count === undefined
      ? parsed(text.trim())
      : now.getTime() - Number(count) * 1000 * SECONDS[unit.toLowerCase()]!;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new DumpsieveError({
    code: 'wrong-date',
    message: `--${flag} is no time`,
    hint: 'say 2026-12-01, 2026-12-01T10:00:00Z, or a time back such as 30d or 12h',
  });
}

/** Milliseconds; NaN for no time, and for a day that no month has. */
function parsed(text: string): number {
  const day = text.slice(0, 'YYYY-MM-DD'.length);
  const midnight = new Date(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return ISO.test(text) && isDay ? Date.parse(text) : Number.NaN;
}

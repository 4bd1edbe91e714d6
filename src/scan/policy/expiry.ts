import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { isDate } from './baseline.js';

/** A time from now: `30d`, `8 weeks`. */
const FROM_NOW = /^(\d{1,4})\s*(d|w|m|y)(?:ays?|eeks?|onths?|ears?)?$/i;

/** Adds a number of a unit to a day (UTC). The 31st of a month without one is its last day. */
const UNITS: Readonly<Record<string, (day: Date, count: number) => void>> = {
  d: (day, count) => day.setUTCDate(day.getUTCDate() + count),
  w: (day, count) => day.setUTCDate(day.getUTCDate() + 7 * count),
  m: addMonths,
  y: (day, count) => addMonths(day, 12 * count),
};

function addMonths(day: Date, count: number): void {
  const date = day.getUTCDate();
  day.setUTCMonth(day.getUTCMonth() + count, 1);
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  day.setUTCDate(Math.min(date, last));
}

/**
 * The date of an entry's end, from ISO 8601 or a time from now; it ends when that day begins (UTC). Throws
 * `wrong-date` (exit 3) for another text, or one in the past.
 */
export function expiryOf(text: string, now: Date): string {
  const [, count, unit] = FROM_NOW.exec(text.trim()) ?? [];
  const date = count === undefined ? text.trim() : after(now, Number(count), unit!.toLowerCase());
  if (!isDate(date)) throw wrongDate('--expires is no date');
  if (Date.parse(date) <= now.getTime()) throw wrongDate('the date of --expires is in the past');
  return date;
}

function after(now: Date, count: number, unit: string): string {
  const day = new Date(now);
  UNITS[unit]!(day, count);
  return day.toISOString().slice(0, 'YYYY-MM-DD'.length);
}

const wrongDate = (message: string): DumpsieveError =>
  new DumpsieveError({
    code: 'wrong-date',
    message,
    hint: 'say a date such as 2027-01-31, or a time from now such as 30d, 8w, 6m or 1y',
  });

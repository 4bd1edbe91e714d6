/** Digits of a date and time without separators, as in names of files. */
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:[-_T ]?(\d\d)(\d\d)(\d\d)?(Z?))?$/;
/** ISO 8601; in names of files `-`, `_` or `.` may be in the place of a colon, which some systems forbid. */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T _](\d\d)[:\-_.](\d\d)(?:[:\-_.](\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/** Seconds since 1970 from 2001 to 2286, and milliseconds of the same years. */
const EPOCH = /^(\d{10})(\d{3})?$/;

/**
 * A time of a name: ISO 8601, `YYYYMMDD-HHMMSS`, or seconds or milliseconds since 1970. UTC unless it names
 * a zone. Returns ISO 8601; undefined for what is no time.
 */
export function timeOf(text: string): string | undefined {
  const epoch = EPOCH.exec(text);
  if (epoch !== null) return new Date(Number(epoch[1]) * 1000 + Number(epoch[2] ?? 0)).toISOString();
  const iso = ISO.exec(text);
  if (iso !== null) return isoOf(iso.slice(1, 7), iso[7], iso[8]);
  const compact = COMPACT.exec(text);
  return compact === null ? undefined : isoOf(compact.slice(1, 7));
}

/** From year, month, day, hour, minute and second. `2026-02-30` is no time. */
function isoOf(fields: readonly (string | undefined)[], fraction = '0', zone = 'Z'): string | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map((each) =>
    Number(each ?? 0),
  );
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isSame =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  if (!isSame) return undefined;
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const milliseconds = Math.floor(Number(`0.${fraction}`) * 1000);
  return new Date(date.getTime() - offset * 60_000 + milliseconds).toISOString();
}

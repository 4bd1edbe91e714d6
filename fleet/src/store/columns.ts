import type { Severity } from '../../../src/core/model/report.js';
import type { Place } from '../model/scan-result.js';

/** How values are in columns. Codes are of the store: no list elsewhere changes them by its order. */

/** The more severe, the smaller. */
const SEVERITY_CODES = ['critical', 'high', 'medium', 'low', 'info'] as const satisfies readonly Severity[];
const CONFIDENCE_CODES = ['low', 'medium', 'high', 'proven'] as const;

export const severityCode = (severity: Severity): number => SEVERITY_CODES.indexOf(severity);
export const severityOf = (code: number): Severity => SEVERITY_CODES[code]!;
export const confidenceCode = (confidence: (typeof CONFIDENCE_CODES)[number]): number =>
  CONFIDENCE_CODES.indexOf(confidence);
export const confidenceOf = (code: number): (typeof CONFIDENCE_CODES)[number] => CONFIDENCE_CODES[code]!;

/** A place takes half the bytes without the names of its fields. */
export function placeText({ member, offset, length, address, region }: Place): string {
  const fields: unknown[] = [member, offset, length];
  if (address !== undefined || region !== undefined) fields.push(address ?? null);
  if (region !== undefined) fields.push(region);
  return JSON.stringify(fields);
}

export function placeOf(text: string): Place {
  const [member, offset, length, address, region] = JSON.parse(text) as [
    string,
    number,
    number,
    (string | null)?,
    string?,
  ];
  return {
    member,
    offset,
    length,
    ...(typeof address === 'string' ? { address } : {}),
    ...(region === undefined ? {} : { region }),
  };
}

/** PostgreSQL takes no NUL and no lone surrogate. Texts are escaped by the scan: this is a guard. */
export const plainText = (text: string): string =>
  /[\0\ud800-\udfff]/.test(text)
    ? Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd')
    : text;

/** JSON with plain texts. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'string' ? plainText(each) : each));

/** Time of a column: ms since 1970. */
export function time(iso: string): number {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) throw new RangeError(`not a time: ${iso}`);
  return ms;
}

/** The same for a fact of a dump, which may be anything. */
export function factTime(iso: string | undefined): number | null {
  const ms = Date.parse(iso ?? '');
  return Number.isNaN(ms) ? null : ms;
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Object without the fields that are null or undefined. */
export function compact<T extends object>(fields: { [K in keyof T]: T[K] | null | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as T;
}

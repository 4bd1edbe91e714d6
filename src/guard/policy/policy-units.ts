/** Sizes, durations and shares as a policy has them. Readers take text that the pattern allows. */

const BYTES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SIZE_TEXT = '\\d{1,9}(?:\\.\\d{1,3})?[KMGT]?';

export const SIZE = { pattern: new RegExp(`^${SIZE_TEXT}$`), write: 'bytes, with K, M, G or T behind: 1G' };

/** Bytes of a size; K is 1,024. */
export function bytesOf(size: string): number {
  const unit = /[KMGT]$/.exec(size)?.[0] ?? '';
  return Math.round(Number(size.slice(0, size.length - unit.length)) * BYTES[unit]!);
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const DURATION = { pattern: /^\d{1,6}[smhd]$/, write: 'a number and s, m, h or d: 10s, 30m, 1h, 30d' };

export const millisecondsOf = (duration: string): number =>
  Number(duration.slice(0, -1)) * MILLISECONDS[duration.slice(-1)]!;

export const SHARE = { pattern: /^(?:[1-9]|[1-8]\d|9[0-5])%$/, write: 'a share from 1% to 95%: 20%' };

/** A share as a fraction: 0.2 of `20%`. */
export const fractionOf = (share: string): number => Number(share.slice(0, -1)) / 100;

const COMPARISON = `(?:<=|>=|<|>) ?${SIZE_TEXT}`;

export const SIZES = {
  pattern: new RegExp(`^${COMPARISON}(?: +${COMPARISON})?$`),
  write: 'one or two comparisons, in quotes: ">1G", "<=64M", ">1M <=64M"',
};

const COMPARED: Readonly<Record<string, (size: number, limit: number) => boolean>> = {
  '<': (size, limit) => size < limit,
  '<=': (size, limit) => size <= limit,
  '>': (size, limit) => size > limit,
  '>=': (size, limit) => size >= limit,
};

/** Whether a size fulfils all comparisons of a text. */
export function sizeTest(text: string): (size: number) => boolean {
  const tests = [...text.matchAll(/([<>]=?) ?([\d.]+[KMGT]?)/g)].map(([, operator, limit]) => {
    const bytes = bytesOf(limit!);
    return (size: number) => COMPARED[operator!]!(size, bytes);
  });
  return (size) => tests.every((test) => test(size));
}

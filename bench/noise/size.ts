const UNITS = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes: a number, also with a fraction, followed by K, M, G or nothing. */
export function sizeOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMG]?)$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError(`${text}: not a number followed by K, M, G or nothing`);
  return Math.round(Number(number) * UNITS[unit as keyof typeof UNITS]);
}

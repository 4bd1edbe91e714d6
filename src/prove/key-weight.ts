/** How likely the octets of a scalar or seed are a key, if nothing but they themselves speak for it. */
export interface KeyWeight {
  /** `unlikely`: zeros or text rather than a key. */
  likelihood: 'high' | 'medium' | 'unlikely';
  /** Printed in the report: counts of octets, never the octets. */
  reason: string;
}

/** Octets by which the bounds below are meant; a longer key may have proportionally more. */
const NORMAL = 32;
/** Zero octets. Of 32 random octets, more are zero once in 130,000 cases. */
const MOST_ZEROS = 3;
/** Share of octets that are printable ASCII or zero. 24 of 32 random octets are such once in 55,000 cases. */
const TEXT = 3 / 4;
/** From here on a part may be text: 20 of 32 random octets are printable once in 300 cases. */
const PARTLY_TEXT = 20 / 32;
/** Share of distinct octets: 32 random octets have fewer than 25 distinct ones once in 6,700 cases. */
const LEAST_DISTINCT = 25 / 32;
/** Octets whose distinct values are counted: in longer keys values repeat, since there are only 256. */
const MOST_DISTINCT = 32;

/** Weighs the octets of a scalar or seed: most numbers of the right size are valid keys. */
export function weigh(octets: Uint8Array): KeyWeight {
  const { length } = octets;
  const zeros = octets.reduce((sum, octet) => sum + Number(octet === 0), 0);
  const printable = octets.reduce((sum, octet) => sum + Number(octet >= 0x20 && octet < 0x7f), 0);
  const distinct = new Set(octets.subarray(0, MOST_DISTINCT)).size;
  const of = `of its ${length} octets`;
  if (zeros > MOST_ZEROS * Math.max(1, length / NORMAL))
    return { likelihood: 'unlikely', reason: `${zeros} ${of} are zero` };
  if (zeros + printable >= TEXT * length)
    return { likelihood: 'unlikely', reason: `${zeros + printable} ${of} are text or zero` };
  if (printable >= PARTLY_TEXT * length)
    return { likelihood: 'medium', reason: `${printable} ${of} are printable` };
  if (distinct < LEAST_DISTINCT * Math.min(length, MOST_DISTINCT))
    return { likelihood: 'medium', reason: `its ${length} octets have few different values` };
  return { likelihood: 'high', reason: `its ${length} octets look random` };
}

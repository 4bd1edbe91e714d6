/**
 * Records of pax extended headers, `length key=value\n` (POSIX.1-2017, pax, "pax Extended Header"), in order:
 * a key may come again. Undefined if they are damaged.
 */
export function paxRecords(bytes: Buffer): [key: string, value: Buffer][] | undefined {
  const records: [string, Buffer][] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const blank = bytes.indexOf(0x20, at);
    const digits = bytes.toString('latin1', at, Math.min(blank < 0 ? at : blank, at + 16));
    const length = /^[0-9]{1,15}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = bytes.indexOf(0x3d, blank);
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a || equals < 0 || equals >= end)
      return undefined;
    records.push([bytes.toString('latin1', blank + 1, equals), bytes.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

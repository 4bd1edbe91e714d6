/** Ways in which programs print bytes as text. */

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');
const pairs = (bytes: Buffer): string[] => [...bytes].map(hexOf);
const text = (print: (bytes: Buffer) => string) => (bytes: Buffer) => Buffer.from(print(bytes));

/** Python's repr() of bytes. */
function python(bytes: Buffer): string {
  const shown = [...bytes].map((byte) => {
    if (byte === 0x5c || byte === 0x27) return `\\${String.fromCharCode(byte)}`;
    const named = { 9: '\\t', 10: '\\n', 13: '\\r' }[byte];
    return named ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${hexOf(byte)}`);
  });
  return `b'${shown.join('')}'`;
}

/** As `xxd -e` and debuggers: words of four bytes, each with its last byte first. */
const swapped = (bytes: Buffer): string =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
    .swap32()
    .toString('hex')
    .match(/.{8}/g)!
    .join(' ');

export const PRINTERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'C array': text(
    (bytes) =>
      `{ ${pairs(bytes)
        .map((pair) => `0x${pair}`)
        .join(', ')} };`,
  ),
  'C array without leading zeros': text((bytes) =>
    [...bytes].map((byte) => `0x${byte.toString(16)}`).join(','),
  ),
  'C string': text(
    (bytes) =>
      `"${pairs(bytes)
        .map((pair) => `\\x${pair}`)
        .join('')}"`,
  ),
  'C string in octal': text(
    (bytes) => `"${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`,
  ),
  Python: text(python),
  'JSON array': text((bytes) => JSON.stringify([...bytes])),
  'Go slice': text((bytes) => `[${[...bytes].join(' ')}]`),
  'Java array': text((bytes) => `[${[...new Int8Array(bytes)].join(', ')}]`),
  'Node Buffer': text((bytes) => `<Buffer ${pairs(bytes).join(' ')}>`),
  'hex with colons': text((bytes) => pairs(bytes).join(':')),
  'hex in words': text((bytes) => bytes.toString('hex').match(/.{4}/g)!.join(' ')),
  'hex in swapped words': text(swapped),
  'percent escapes': text((bytes) =>
    pairs(bytes)
      .map((pair) => `%${pair}`)
      .join(''),
  ),
  'JSON array in UTF-16LE': (bytes) => Buffer.from(JSON.stringify([...bytes]), 'utf16le'),
  'JSON array in UTF-16BE': (bytes) => Buffer.from(JSON.stringify([...bytes]), 'utf16le').swap16(),
  'base64 of hex': text((bytes) => Buffer.from(bytes.toString('hex')).toString('base64')),
  'base64 of base64': text((bytes) => Buffer.from(bytes.toString('base64')).toString('base64')),
  'base64 of base64 of base64': text((bytes) =>
    Buffer.from(Buffer.from(bytes.toString('base64')).toString('base64')).toString('base64'),
  ),
  'base64 of UTF-16': text((bytes) => Buffer.from(bytes.toString('hex'), 'utf16le').toString('base64')),
  'hex of base64': text((bytes) => Buffer.from(bytes.toString('base64')).toString('hex')),
  'base64 of a C array': text((bytes) =>
    Buffer.from(
      pairs(bytes)
        .map((pair) => `0x${pair}`)
        .join(','),
    ).toString('base64'),
  ),
};

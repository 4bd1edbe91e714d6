import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

/** Every way to write bytes that the table of encodings has, or leaves out on purpose. */
export type Forms = Readonly<Record<string, (bytes: Buffer) => Buffer>>;

const hex = (byte: number, digits = 2): string => byte.toString(16).padStart(digits, '0');
const octal = (byte: number): string => byte.toString(8).padStart(3, '0');
const reversed = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse();
const each = (bytes: Buffer, write: (byte: number) => string, between = ''): string =>
  [...bytes].map(write).join(between);
const text = (write: (bytes: Buffer) => string) => (bytes: Buffer) => Buffer.from(write(bytes), 'latin1');
const wide = (write: (bytes: Buffer) => string) => (bytes: Buffer) => Buffer.from(write(bytes), 'utf16le');

/** Bytes in whole words, zeros behind them. */
const padded = (bytes: Buffer, word: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((word - (bytes.length % word)) % word)]);

/** Little-endian words of memory. */
function words(bytes: Buffer, size: 2 | 4 | 8): bigint[] {
  const all = padded(bytes, size);
  return Array.from({ length: all.length / size }, (_, i) =>
    BigInt(`0x${reversed(all.subarray(i * size, (i + 1) * size)).toString('hex')}`),
  );
}

const wordText = (size: 2 | 4 | 8, between: string, end = '', prefix = '0x') =>
  text((bytes) =>
    words(bytes, size)
      .map((word) => `${prefix}${word.toString(16).padStart(size * 2, '0')}${end}`)
      .join(between),
  );

/** Lines of a dump: an address, what `show` makes of 16 bytes, and the end of a line. */
const lines = (
  address: (offset: number) => string,
  show: (row: Buffer) => string,
  end: (row: Buffer) => string = () => '',
) =>
  text((bytes) => {
    const rows: string[] = [];
    for (let at = 0; at < bytes.length; at += 16) {
      const row = bytes.subarray(at, at + 16);
      rows.push(`${address(at)}${show(row)}${end(row)}\n`);
    }
    return rows.join('');
  });

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
const ascii = (row: Buffer): string =>
  each(row, (byte) => (isPrintable(byte) ? String.fromCharCode(byte) : '.'));
const grouped = (size: number) => (row: Buffer) =>
  (row.toString('hex').match(new RegExp(`.{1,${size * 2}}`, 'g')) ?? []).join(' ');
const swapped = (size: 2 | 4 | 8) => (row: Buffer) =>
  words(row, size)
    .map((word) => word.toString(16).padStart(size * 2, '0'))
    .join(' ');
const prefixed = (size: 4 | 8, between: string) => (row: Buffer) =>
  words(row, size)
    .map((word) => `0x${word.toString(16).padStart(size * 2, '0')}`)
    .join(between);
const BASE = 0x7f12_3456_7000;
const gdb = (offset: number) => `0x${hex(BASE + offset)}:\t`;
const symbol = (offset: number) => `0x${hex(BASE + offset)} <buffer+${offset}>:\t`;

/** Characters that od -c writes as escapes. */
const named: Readonly<Record<number, string>> = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r' };
const odCharacter = (byte: number): string =>
  (isPrintable(byte) ? String.fromCharCode(byte) : (named[byte] ?? octal(byte))).padStart(4);
const gdbCharacter = (byte: number): string => {
  const shown = isPrintable(byte) ? String.fromCharCode(byte) : `\\${octal(byte)}`;
  return `${new Int8Array([byte])[0]} '${shown}'`;
};

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function base32(bytes: Buffer): string {
  const bits = each(bytes, (byte) => byte.toString(2).padStart(8, '0'));
  const digits = (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]);
  return digits.join('').padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

function ascii85(bytes: Buffer): string {
  const groups = (padded(bytes, 4).toString('hex').match(/.{8}/g) ?? []).map((group) => {
    let rest = Number.parseInt(group, 16);
    let digits = '';
    for (let i = 0; i < 5; i++, rest = Math.floor(rest / 85))
      digits = String.fromCharCode(33 + (rest % 85)) + digits;
    return digits;
  });
  return `<~${groups.join('').slice(0, groups.length * 5 - ((4 - (bytes.length % 4)) % 4))}~>`;
}

function uuencode(bytes: Buffer): string {
  const character = (value: number) => String.fromCharCode(value === 0 ? 0x60 : value + 32);
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 45) {
    const row = bytes.subarray(at, at + 45);
    const full = padded(row, 3);
    let line = character(row.length);
    for (let i = 0; i < full.length; i += 3) {
      const group = full.readUIntBE(i, 3);
      for (const shift of [18, 12, 6, 0]) line += character((group >> shift) & 63);
    }
    rows.push(line);
  }
  return `begin 600 key\n${rows.join('\n')}\n\`\nend\n`;
}

const signedWords = text((bytes) =>
  words(bytes, 4)
    .map((word) => BigInt.asIntN(32, word))
    .join(', '),
);

/** A zstd frame of one raw block (RFC 8878), up to 128 KiB. */
export function zstdOf(content: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2f_b528);
  head[4] = 0xa0; // single segment, 4 bytes of content size
  head.writeUInt32LE(content.length, 5);
  head.writeUIntLE(1 | (content.length << 3), 9, 3);
  return Buffer.concat([head, content]);
}

/** What is compressed: the bytes among text. */
const inText = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from('the value that was stored: '), bytes, Buffer.from(' and what comes after it')]);

/** Text that prints bytes in the order in which they are. */
export const TEXTS: Forms = {
  hex: text((bytes) => bytes.toString('hex')),
  'hex, upper case': text((bytes) => bytes.toString('hex').toUpperCase()),
  'hex, UTF-16': wide((bytes) => bytes.toString('hex')),
  base64: text((bytes) => bytes.toString('base64')),
  'base64 behind a byte': text((bytes) => Buffer.concat([Buffer.of(48), bytes]).toString('base64')),
  'base64 behind two bytes': text((bytes) => Buffer.concat([Buffer.of(48, 49), bytes]).toString('base64')),
  'base64, UTF-16': wide((bytes) => bytes.toString('base64')),
  base64url: text((bytes) => bytes.toString('base64url')),
  'hex le': text((bytes) => reversed(bytes).toString('hex')),
  'hex le, UTF-16': wide((bytes) => reversed(bytes).toString('hex')),
  'base64 le': text((bytes) => reversed(bytes).toString('base64')),
  'base64 le, UTF-16': wide((bytes) => reversed(bytes).toString('base64')),
  base32: text(base32),
  ascii85: text(ascii85),
  uuencode: text(uuencode),
  'x escapes': text((bytes) => each(bytes, (byte) => `\\x${hex(byte)}`)),
  'octal escapes': text((bytes) => each(bytes, (byte) => `\\${octal(byte)}`)),
  'percent escapes': text((bytes) => each(bytes, (byte) => `%${hex(byte)}`)),
  'C bytes': text((bytes) => `{ ${each(bytes, (byte) => `0x${hex(byte)}`, ', ')} };`),
  'list of bytes': text((bytes) => `[${each(bytes, String, ', ')}]`),
  'list of signed bytes': text((bytes) => `[${[...new Int8Array(bytes)].join(', ')}]`),
  'Go slice': text((bytes) => `[${each(bytes, String, ' ')}]`),
  'JSON Buffer': text((bytes) => JSON.stringify(bytes)),
  'JSON Uint8Array': text((bytes) => JSON.stringify(new Uint8Array(bytes))),
  'hex with colons': text((bytes) => each(bytes, hex, ':')),
  'C words of 32 bits': wordText(4, ', '),
  'C words of 32 bits, U': wordText(4, ', ', 'U'),
  'C words of 64 bits': wordText(8, ', '),
  'C words of 64 bits, UL': wordText(8, ', ', 'UL'),
  'C words of 64 bits, ULL': wordText(8, ', ', 'ULL'),
  'int32 in decimal': signedWords,
  'uint64 in decimal': text((bytes) => words(bytes, 8).join(', ')),
  'Go []uint64': text(
    (bytes) =>
      `[]uint64{${words(bytes, 8)
        .map((word) => `0x${word.toString(16)}`)
        .join(', ')}}`,
  ),
  'od -x': lines((at) => `${at.toString(8).padStart(7, '0')} `, swapped(2)),
  'od -b': lines(
    (at) => `${at.toString(8).padStart(7, '0')} `,
    (row) => each(row, octal, ' '),
  ),
  'od -c': lines(
    (at) => at.toString(8).padStart(7, '0'),
    (row) => each(row, odCharacter),
  ),
  'od -tx1': lines((at) => `${at.toString(8).padStart(7, '0')} `, grouped(1)),
  'od -A x -t x1z': lines(
    (at) => `${hex(at, 6)} `,
    (row) => grouped(1)(row).padEnd(47),
    (row) => `  >${ascii(row)}<`,
  ),
  'hexdump -C': lines(
    (at) => `${hex(at, 8)}  `,
    (row) => `${grouped(1)(row.subarray(0, 8))}  ${grouped(1)(row.subarray(8))}`.padEnd(48),
    (row) => `  |${ascii(row)}|`,
  ),
  xxd: lines(
    (at) => `${hex(at, 8)}: `,
    (row) => grouped(2)(row).padEnd(39),
    (row) => `  ${ascii(row)}`,
  ),
  'xxd -e': lines(
    (at) => `${hex(at, 8)}: `,
    (row) => swapped(4)(row).padEnd(35),
    (row) => `   ${ascii(row)}`,
  ),
  'xxd -i': text(
    (bytes) => `unsigned char key[] = {\n  ${each(bytes, (byte) => `0x${hex(byte)}`, ', ')}\n};`,
  ),
  'lldb memory read': lines(
    (at) => `0x${hex(BASE + at)}: `,
    (row) => grouped(1)(row).padEnd(47),
    (row) => `  ${ascii(row)}`,
  ),
  'gdb x/gx': lines(gdb, prefixed(8, '\t')),
  'gdb x/wx': lines(gdb, prefixed(4, '\t')),
  'gdb x/bx': lines(gdb, (row) => each(row, (byte) => `0x${hex(byte)}`, '\t')),
  'gdb x/8gx with symbols': lines(symbol, prefixed(8, '\t')),
  'gdb x/16c': lines(gdb, (row) => each(row, gdbCharacter, '\t')),
  'base64 of hex': text((bytes) => Buffer.from(bytes.toString('hex')).toString('base64')),
  'base64 of base64': text((bytes) => Buffer.from(bytes.toString('base64')).toString('base64')),
  'hex of base64': text((bytes) => Buffer.from(bytes.toString('base64')).toString('hex')),
  'base64 of gzip': text((bytes) => gzipSync(inText(bytes)).toString('base64')),
  'base64 of zlib': text((bytes) => deflateSync(inText(bytes)).toString('base64')),
  'hex of gzip': text((bytes) => gzipSync(inText(bytes)).toString('hex')),
  'hex of zlib': text((bytes) => deflateSync(inText(bytes)).toString('hex')),
};

/** Compressed streams, which are no text. */
export const STREAMS: Forms = {
  gzip: (bytes) => gzipSync(inText(bytes)),
  zlib: (bytes) => deflateSync(inText(bytes)),
  'raw deflate': (bytes) => deflateRawSync(inText(bytes)),
  zstd: (bytes) => zstdOf(inText(bytes)),
};

const toNumber = (bigEndian: Buffer): bigint => BigInt(`0x${bigEndian.toString('hex')}`);

/** Digits of `bits` bits, the least significant first, each in a cell of `size` bytes. */
function digits(bits: number, size: number, write: (cell: Buffer, digit: bigint) => void) {
  return (bigEndian: Buffer): Buffer => {
    const cells: Buffer[] = [];
    for (let rest = toNumber(bigEndian); rest > 0n; rest >>= BigInt(bits)) {
      const cell = Buffer.alloc(size);
      write(cell, BigInt.asUintN(bits, rest));
      cells.push(cell);
    }
    return Buffer.concat(cells);
  };
}

const plain = (bits: number, size: 2 | 4 | 8) =>
  digits(bits, size, (cell, digit) => {
    if (size === 8) cell.writeBigUInt64LE(digit);
    else cell.writeUIntLE(Number(digit), 0, size);
  });

/** Bits of a digit, by bytes of its cell. */
const PLAIN = {
  2: [15],
  4: [8, 16, 24, 26, 28, 29, 30, 31],
  8: [8, 32, 51, 52, 56, 57, 58, 59, 60, 61, 62, 63],
} as const;

/** Digits of JavaScript engines. */
const ENGINES = Object.fromEntries(
  [26, 28].flatMap((bits) => [
    [`V8, ${bits} bits`, digits(bits, 8, (cell, digit) => cell.writeUInt32LE(Number(digit), 4))],
    [`V8 compressed, ${bits} bits`, digits(bits, 4, (cell, digit) => cell.writeUInt32LE(Number(digit) * 2))],
    [`V8 doubles, ${bits} bits`, digits(bits, 8, (cell, digit) => cell.writeDoubleLE(Number(digit)))],
    [
      `JavaScriptCore, ${bits} bits`,
      digits(bits, 8, (cell, digit) => cell.writeBigUInt64LE((0xfffen << 48n) + digit)),
    ],
  ]),
);

/** A number in memory, from its bytes, big-endian and whole words. */
export const NUMBERS: Forms = {
  'bytes be': (bytes) => Buffer.from(bytes),
  'limbs le': reversed,
  'int32 msw': (bytes) => Buffer.from(bytes).swap32(),
  'int64 msw': (bytes) => Buffer.from(bytes).swap64(),
  'be32 lsw': (bytes) => reversed(bytes).swap32(),
  'be64 lsw': (bytes) => reversed(bytes).swap64(),
  ...Object.fromEntries(
    ([2, 4, 8] as const).flatMap((size) =>
      PLAIN[size].map((bits) => [`${bits} bits in ${size}`, plain(bits, size)]),
    ),
  ),
  ...ENGINES,
};

/** A number as text in a form of its own. */
export const NUMBER_TEXTS: Forms = { decimal: text((bytes) => toNumber(bytes).toString()) };

/** A value as text in a form of its own. */
export const VALUE_TEXTS: Forms = {
  'UTF-8': text(String),
  'UTF-16LE': wide(String),
  'UTF-16BE': (bytes) => Buffer.from(String(bytes), 'utf16le').swap16(),
  'JSON escapes': text((bytes) => each(bytes, (byte) => `\\u00${hex(byte)}`)),
};

/** Writes tar archives in pax format (POSIX.1-2017, pax), as far as this room needs them. */

const BLOCK = 512;
/** Longest name and greatest size that a header has room for. */
const MOST_NAME = 100;
const MOST_SIZE = 0o77777777777;

/** Headers of a file; its content and {@link tarPadding} follow. `mtime` in seconds. */
export function tarHeaders(name: Buffer, size: number, mtime: number): Buffer {
  const records = [
    ...(name.length > MOST_NAME ? [record('path', name)] : []),
    ...(size > MOST_SIZE ? [record('size', Buffer.from(String(size)))] : []),
  ];
  const own = header(name.subarray(0, MOST_NAME), size > MOST_SIZE ? 0 : size, mtime, '0');
  if (records.length === 0) return own;
  const pax = Buffer.concat(records);
  return Buffer.concat([
    header(Buffer.from('pax'), pax.length, mtime, 'x'),
    pax,
    tarPadding(pax.length),
    own,
  ]);
}

/** What fills the last block of a content. */
export const tarPadding = (size: number): Buffer => Buffer.alloc(-size & (BLOCK - 1));

export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK);

function header(name: Buffer, size: number, mtime: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block);
  block.write('0000600\x000000000\x000000000\x00', 100, 'latin1');
  block.write(
    `${octal(size)}\0${octal(Math.min(Math.max(0, mtime), MOST_SIZE))}\0        ${type}`,
    124,
    'latin1',
  );
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const octal = (value: number): string => Math.floor(value).toString(8).padStart(11, '0');

/** `length key=value\n`, where the length counts its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

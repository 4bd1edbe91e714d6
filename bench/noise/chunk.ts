/** glibc on 64-bit machines: a header with the chunk's size and the bit PREV_INUSE, sizes in steps of 16. */
export function chunk(contents: Uint8Array): Buffer {
  const size = Math.max(32, Math.ceil((contents.length + 8) / 16) * 16);
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(size | 1);
  bytes.set(contents, 8);
  return bytes;
}

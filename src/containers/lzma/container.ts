import type { FieldReader } from '../../base/bytes/field-reader.js';
import { type ContainerRow, decodedLater, starts } from '../decoding/container.js';

/**
 * .lzma has no magic: properties, a dictionary of 2^n or 3 * 2^n
 * bytes, and a length or -1 (LZMA SDK, lzma-file-format.txt).
 */
function isLzma(head: FieldReader): boolean {
  const dictionary = head.u32(1);
  const top = dictionary / 2 ** Math.max(0, 31 - Math.clz32(dictionary));
  const length = head.u64(5);
  const known = length < 2n ** 38n && length > 0n;
  return (
    head.u8(0) === 0x5d &&
    dictionary >= 4096 &&
    (top === 1 || top === 1.5) &&
    head.u8(13) === 0 &&
    (known || length === 2n ** 64n - 1n)
  );
}

export const xz: ContainerRow = {
  name: 'xz',
  first: '\xfd',
  suffixes: { '.xz': '', '.txz': '.tar' },
  treatment: decodedLater(async () => (await import('./xz.js')).unxz),
  stream: 'xz -dc',
  probe: starts('\xfd7zXZ\0'),
};

export const lzip: ContainerRow = {
  name: 'lzip',
  first: 'L',
  suffixes: { '.lz': '', '.tlz': '.tar' },
  treatment: decodedLater(async () => (await import('./lzip.js')).unlzip),
  stream: 'lzip -dc',
  probe: (head) => starts('LZIP')(head) && head.u8(4) <= 1,
};

export const lzma: ContainerRow = {
  name: 'lzma',
  first: '\x5d',
  suffixes: { '.lzma': '' },
  treatment: decodedLater(async () => (await import('./alone.js')).unlzma),
  stream: 'xz -dc',
  probe: isLzma,
};
